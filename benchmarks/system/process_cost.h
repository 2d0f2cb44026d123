#pragma once

#include <chrono>
#include <cstdint>

namespace benchmarks {

/// What another process has used so far, from /proc.
struct ProcessCost {
  std::chrono::nanoseconds cpu{};  // all its threads, user and system
  std::uint64_t resident_bytes = 0;
};

/// Throws std::runtime_error when there is no such process.
ProcessCost cost_of(int pid);

}  // namespace benchmarks
