#include "common/event/watch.h"

#include <event2/event.h>

#include <utility>

#include "common/base/invariant.h"

namespace common::event {

/// Shared by the watch and by a callback of it that is running, so that the callback may destroy the watch.
struct Watch::State : std::enable_shared_from_this<State> {
  ~State() {
    if (event != nullptr) event_free(event);
  }

  static void on_event(evutil_socket_t, short what, void* context) {
    const auto self = static_cast<State*>(context)->shared_from_this();
    self->on_ready({.read = (what & EV_READ) != 0, .write = (what & EV_WRITE) != 0});
  }

  event_base* base = nullptr;
  int fd = -1;
  Callback on_ready;
  ::event* event = nullptr;
  short wanted = 0;
};

Watch::Watch(Loop& loop, int fd, Callback on_ready) : state_(std::make_shared<State>()) {
  state_->base = loop.base();
  state_->fd = fd;
  state_->on_ready = std::move(on_ready);
  state_->event = event_new(state_->base, fd, EV_PERSIST, &State::on_event, state_.get());
  INVARIANT(state_->event != nullptr, "a watch can be made");
}

Watch::~Watch() { event_del(state_->event); }

void Watch::want(bool read, bool write) {
  const short wanted = static_cast<short>((read ? EV_READ : 0) | (write ? EV_WRITE : 0));
  if (wanted == state_->wanted) return;
  state_->wanted = wanted;
  event_del(state_->event);
  if (wanted == 0) return;
  event_assign(state_->event, state_->base, state_->fd, static_cast<short>(wanted | EV_PERSIST), &State::on_event,
               state_.get());
  event_add(state_->event, nullptr);
}

}  // namespace common::event
