#pragma once

#include "common/time/instant.h"

namespace common {

/// Time for tests: stands still until told to advance.
class ManualClock {
 public:
  Instant now() const noexcept { return now_; }
  void advance(Duration by) noexcept { now_ += by; }
  void advance_to(Instant to) noexcept { now_ = std::max(now_, to); }

 private:
  Instant now_{std::chrono::seconds{1000}};
};

}  // namespace common
