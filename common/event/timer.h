#pragma once

#include <functional>
#include <memory>

#include "common/event/loop.h"

namespace common::event {

/// One deadline. May be rescheduled or destroyed from within its own callback.
class Timer {
 public:
  using Callback = std::function<void(Instant now)>;
  Timer(Loop& loop, Callback on_due);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  /// Sets or moves the deadline; one that has passed fires in the next cycle. Never fires early.
  void schedule(Instant at);
  void cancel();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace common::event
