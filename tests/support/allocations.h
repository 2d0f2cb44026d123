#pragma once

#include <cstdint>

/// Counts memory that is allocated through new, malloc or by a C library.
namespace tests {

/// Allocations of this thread so far.
std::uint64_t allocations() noexcept;

/// What this thread allocates while one of these lives is not counted: the test's own part of a measured call.
class Uncounted {
 public:
  Uncounted() noexcept : before_(allocations()) {}
  ~Uncounted();
  Uncounted(const Uncounted&) = delete;
  Uncounted& operator=(const Uncounted&) = delete;

 private:
  std::uint64_t before_;
};

}  // namespace tests
