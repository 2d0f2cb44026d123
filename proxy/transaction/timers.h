#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "common/time/instant.h"

namespace proxy::transaction {

// RFC 3261 table 4.
inline constexpr common::Duration kT1 = std::chrono::milliseconds{500};  // round-trip estimate
inline constexpr common::Duration kT2 = std::chrono::seconds{4};         // longest pause between repeats
inline constexpr common::Duration kT4 = std::chrono::seconds{5};         // how long a message may stay in the network
inline constexpr common::Duration kTransactionTimeout = 64 * kT1;        // timers B, F, H, J, L and M
inline constexpr common::Duration kTimerD = std::chrono::seconds{32};    // absorbs repeats of a final response
inline constexpr common::Duration kTryingDelay = std::chrono::milliseconds{200};  // §17.2.1

/// A timer that may be off.
using Timer = std::optional<common::Instant>;

inline bool is_due(const Timer& timer, common::Instant now) noexcept { return timer && *timer <= now; }

inline Timer earliest(const Timer& a, const Timer& b) noexcept {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

/// A message that is repeated with growing pauses: timers A, E and G.
class Repeater {
 public:
  /// First repeat after T1; pauses double up to `cap`.
  void start(common::Instant now, common::Duration cap) noexcept {
    cap_ = cap;
    pause_ = kT1;
    next_ = now + pause_;
  }
  void stop() noexcept { next_.reset(); }
  /// From the next repeat on, every pause is as long as it may get (timer E in Proceeding).
  void slow_down() noexcept { pause_ = cap_; }
  /// True when it is time to send again. A late call does not make up for what it missed.
  bool take(common::Instant now) noexcept {
    if (!is_due(next_, now)) return false;
    pause_ = std::min(2 * pause_, cap_);
    next_ = now + pause_;
    return true;
  }
  const Timer& next() const noexcept { return next_; }

 private:
  Timer next_;
  common::Duration pause_{};
  common::Duration cap_{};
};

}  // namespace proxy::transaction
