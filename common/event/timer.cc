#include "common/event/timer.h"

#include <event2/event.h>

#include <algorithm>
#include <utility>

#include "common/base/invariant.h"

namespace common::event {
namespace {

timeval timeval_of(Duration delay) {
  const auto us = std::chrono::ceil<std::chrono::microseconds>(std::max(delay, Duration::zero())).count();
  return {.tv_sec = us / 1'000'000, .tv_usec = us % 1'000'000};
}

}  // namespace

/// Shared by the timer and by a callback of it that is running, so that the callback may destroy the timer.
struct Timer::State : std::enable_shared_from_this<State> {
  ~State() {
    if (event != nullptr) event_free(event);
  }

  void arm() {
    const timeval delay = timeval_of(due - loop->now());
    event_add(event, &delay);
  }

  static void on_event(evutil_socket_t, short, void* context) {
    const auto self = static_cast<State*>(context)->shared_from_this();
    const Instant now = self->loop->now();
    if (now < self->due) return self->arm();  // libevent's clock is coarse and may run ahead of ours
    self->on_due(now);
  }

  Loop* loop = nullptr;
  Callback on_due;
  ::event* event = nullptr;
  Instant due{};
};

Timer::Timer(Loop& loop, Callback on_due) : state_(std::make_shared<State>()) {
  state_->loop = &loop;
  state_->on_due = std::move(on_due);
  state_->event = event_new(loop.base(), -1, 0, &State::on_event, state_.get());
  INVARIANT(state_->event != nullptr, "a timer can be made");
}

Timer::~Timer() { event_del(state_->event); }

void Timer::schedule(Instant at) {
  state_->due = at;
  state_->arm();
}

void Timer::cancel() { event_del(state_->event); }

}  // namespace common::event
