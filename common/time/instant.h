#pragma once

#include <chrono>
#include <cstdint>
#include <ratio>

namespace common {

/// Monotonic time as cores see it: handed in by a shell (or a test), never read by a core.
struct MonotonicClock {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::time_point<MonotonicClock>;
  static constexpr bool is_steady = true;
};

using Instant = MonotonicClock::time_point;
using Duration = MonotonicClock::duration;

/// Wall-clock time for what leaves the process (records, certificates, expiry dates in cookies).
using WallTime = std::chrono::sys_time<std::chrono::milliseconds>;

}  // namespace common
