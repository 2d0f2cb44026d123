#pragma once

#include <cstdint>
#include <string_view>

#include "proxy/trunk/call_window.h"
#include "proxy/trunk/health_policy.h"

namespace proxy::trunk {

/// Whether one place of a trunk gets calls: told by probes, by what becomes of calls, and by Retry-After. Pure: the
/// time comes with each event.
class PlaceHealth {
 public:
  enum class State : std::uint8_t { Up, Ramping, Down };
  enum class Cause : std::uint8_t { None, Probes, Failures, Delay, RetryAfter };

  PlaceHealth(const HealthPolicy& policy, common::Instant now) : policy_(policy), since_(now), window_(policy.window) {}

  /// True: this call may go there. `draw`: 0 to 1, even over the calls; a place that comes back takes a growing share.
  bool admits(double draw, common::Instant now);

  void on_probe(bool answered, common::Instant now);
  /// The place showed itself for a call, `delay` after the INVITE; its own failures are none of these.
  void on_success(common::Duration delay, common::Instant now);
  /// The place did not answer, could not be reached or could not serve.
  void on_failure(common::Instant now);
  /// It asked to be left alone for so long, RFC 3261 §20.33; at most max_rest is obeyed.
  void on_retry_after(common::Duration rest, common::Instant now);

  /// A reload brought other figures.
  void use(const HealthPolicy& policy);

  State state(common::Instant now);
  Cause cause() const noexcept { return cause_; }
  common::Instant since() const noexcept { return since_; }
  CallWindow::Totals calls(common::Instant now) noexcept { return window_.totals(now); }

 private:
  bool is_probed() const noexcept { return policy_.probe_interval > common::Duration::zero(); }
  bool waits_for_probes() const noexcept { return cause_ == Cause::Probes && is_probed(); }
  void turn(State state, Cause cause, common::Instant now);
  void go_down(Cause cause, common::Instant now);
  void advance(common::Instant now);
  void judge(common::Instant now);

  HealthPolicy policy_;
  State state_ = State::Up;
  Cause cause_ = Cause::None;
  common::Instant since_;
  common::Instant rests_until_{};
  common::Duration next_rest_{};  // 0: the policy's
  unsigned unanswered_ = 0;       // probes in a row
  unsigned answered_ = 0;
  CallWindow window_;
};

std::string_view to_string(PlaceHealth::State state) noexcept;
std::string_view to_string(PlaceHealth::Cause cause) noexcept;

}  // namespace proxy::trunk
