#include "proxy/trunk/place_health.h"

#include <algorithm>
#include <array>

namespace proxy::trunk {
namespace {

constexpr double kSmallestShare = 0.1;

}  // namespace

bool PlaceHealth::admits(double draw, common::Instant now) {
  advance(now);
  if (state_ != State::Ramping) return state_ == State::Up;
  const double progress = std::chrono::duration<double>(now - since_) / std::chrono::duration<double>(policy_.ramp);
  return draw < std::max(kSmallestShare, progress);
}

void PlaceHealth::on_probe(bool answered, common::Instant now) {
  advance(now);
  answered_ = answered ? answered_ + 1 : 0;
  unanswered_ = answered ? 0 : unanswered_ + 1;
  if (!answered && unanswered_ >= policy_.probes_down && state_ != State::Down) go_down(Cause::Probes, now);
  const bool is_back = state_ == State::Down && cause_ == Cause::Probes && answered_ >= policy_.probes_up;
  if (is_back) turn(State::Ramping, Cause::Probes, now);
}

void PlaceHealth::on_success(common::Duration delay, common::Instant now) {
  advance(now);
  window_.add_success(delay, now);
  judge(now);
}

void PlaceHealth::on_failure(common::Instant now) {
  advance(now);
  window_.add_failure(now);
  judge(now);
}

void PlaceHealth::on_retry_after(common::Duration rest, common::Instant now) {
  advance(now);
  const common::Instant until = now + std::min(rest, policy_.max_rest);
  const bool rests_longer = state_ == State::Down && (waits_for_probes() || rests_until_ >= until);
  if (rests_longer) return;
  turn(State::Down, Cause::RetryAfter, now);
  rests_until_ = until;
}

void PlaceHealth::use(const HealthPolicy& policy) {
  if (policy == policy_) return;
  if (policy.window != policy_.window) window_ = CallWindow{policy.window};
  policy_ = policy;
  if (!is_probed() && state_ == State::Down && cause_ == Cause::Probes) rests_until_ = since_;
}

PlaceHealth::State PlaceHealth::state(common::Instant now) {
  advance(now);
  return state_;
}

void PlaceHealth::turn(State state, Cause cause, common::Instant now) {
  state_ = state;
  cause_ = cause;
  since_ = now;
  answered_ = 0;
  window_.clear();
}

void PlaceHealth::go_down(Cause cause, common::Instant now) {
  const common::Duration rest =
      std::min(next_rest_ > common::Duration::zero() ? next_rest_ : policy_.rest, policy_.max_rest);
  turn(State::Down, cause, now);
  rests_until_ = now + rest;
  next_rest_ = 2 * rest;
}

/// What passes with time alone: a rest, unless probes will tell its end, and the ramp.
void PlaceHealth::advance(common::Instant now) {
  if (state_ == State::Down && !waits_for_probes() && now >= rests_until_) turn(State::Ramping, cause_, rests_until_);
  if (state_ != State::Ramping || now < since_ + policy_.ramp) return;
  turn(State::Up, Cause::None, now);
  next_rest_ = {};
}

/// Looks at the calls of the window. On the ramp a tenth of them proves as much as all do later.
void PlaceHealth::judge(common::Instant now) {
  if (state_ == State::Down) return;
  const CallWindow::Totals calls = window_.totals(now);
  const unsigned enough = state_ == State::Ramping ? std::max(1U, policy_.min_calls / 10) : policy_.min_calls;
  if (calls.calls < enough) return;
  if (calls.failures * 100 > policy_.max_failures * calls.calls) return go_down(Cause::Failures, now);
  const bool looks_at_delay = policy_.max_delay > common::Duration::zero() && calls.answers >= enough;
  if (looks_at_delay && calls.delay / calls.answers > policy_.max_delay) go_down(Cause::Delay, now);
}

std::string_view to_string(PlaceHealth::State state) noexcept {
  constexpr std::array<std::string_view, 3> kNames{"up", "ramping", "down"};
  return kNames[static_cast<std::size_t>(state)];
}

std::string_view to_string(PlaceHealth::Cause cause) noexcept {
  constexpr std::array<std::string_view, 5> kNames{"", "probes", "failures", "delay", "retry-after"};
  return kNames[static_cast<std::size_t>(cause)];
}

}  // namespace proxy::trunk
