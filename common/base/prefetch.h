#pragma once

#include <cstddef>

namespace common {

/// Asks for the cache lines of `size` bytes from `address` on, without waiting for them.
inline void prefetch(const void* address, std::size_t size) noexcept {
  constexpr std::size_t kLine = 64;
  const char* const begin = static_cast<const char*>(address);
  for (std::size_t at = 0; at < size; at += kLine) __builtin_prefetch(begin + at);
  if (size > 0) __builtin_prefetch(begin + size - 1);
}

}  // namespace common
