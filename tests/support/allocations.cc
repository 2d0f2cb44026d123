#include "tests/support/allocations.h"

#include <cstddef>

namespace {

constinit thread_local std::uint64_t count = 0;

}  // namespace

namespace tests {

std::uint64_t allocations() noexcept { return count; }

Uncounted::~Uncounted() { count = before_; }

}  // namespace tests

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

// GCC has the function without its header.
extern "C" int install_hooks(void (*allocated)(const volatile void*, std::size_t),
                             void (*freed)(const volatile void*)) asm("__sanitizer_install_malloc_and_free_hooks");

namespace {

// The sanitizer's allocator stays in place, with all that it checks.
const int installed = install_hooks([](const volatile void*, std::size_t) { ++count; }, [](const volatile void*) {});

}  // namespace

#else

#include <cerrno>

// glibc's allocator under its other names. Its free() takes what any of them gives.
extern "C" {
void* libc_malloc(std::size_t size) asm("__libc_malloc");
void* libc_calloc(std::size_t number, std::size_t size) asm("__libc_calloc");
void* libc_realloc(void* old, std::size_t size) asm("__libc_realloc");
void* libc_memalign(std::size_t alignment, std::size_t size) asm("__libc_memalign");

void* malloc(std::size_t size) noexcept {
  ++count;
  return libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) noexcept {
  ++count;
  return libc_calloc(number, size);
}
void* realloc(void* old, std::size_t size) noexcept {
  ++count;
  return libc_realloc(old, size);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
  ++count;
  return libc_memalign(alignment, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  ++count;
  return libc_memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) noexcept {
  ++count;
  *out = libc_memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}
}

#endif
