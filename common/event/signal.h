#pragma once

#include <functional>
#include <memory>

#include "common/event/loop.h"

namespace common::event {

/// Delivers a process signal (SIGTERM, SIGHUP) as an ordinary callback of the loop. One loop of a process has them all.
class Signal {
 public:
  Signal(Loop& loop, int number, Task on_signal);
  ~Signal();
  Signal(const Signal&) = delete;
  Signal& operator=(const Signal&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace common::event
