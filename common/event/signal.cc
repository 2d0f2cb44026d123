#include "common/event/signal.h"

#include <event2/event.h>

#include <utility>

#include "common/base/invariant.h"

namespace common::event {

struct Signal::State {
  ~State() {
    if (event != nullptr) event_free(event);
  }
  Task on_signal;
  ::event* event = nullptr;
};

Signal::Signal(Loop& loop, int number, Task on_signal) : state_(std::make_unique<State>()) {
  state_->on_signal = std::move(on_signal);
  state_->event = evsignal_new(
      loop.base(), number, [](evutil_socket_t, short, void* state) { static_cast<State*>(state)->on_signal(); },
      state_.get());
  INVARIANT(state_->event != nullptr, "a signal can be watched");
  event_add(state_->event, nullptr);
}

Signal::~Signal() = default;

}  // namespace common::event
