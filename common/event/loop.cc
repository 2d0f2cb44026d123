#include "common/event/loop.h"

#include <event2/event.h>
#include <sys/eventfd.h>

#include <mutex>
#include <utility>

#include "common/base/invariant.h"
#include "common/event/timer.h"
#include "common/net/fd.h"

namespace common::event {

Instant read_clock() noexcept { return Instant{std::chrono::steady_clock::now().time_since_epoch()}; }

/// The only part of a loop that other threads touch. Shared with nobody else; a post() racing with the end of the loop
/// is the caller's mistake.
struct Loop::Inbox {
  Fd wake{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  ::event* event = nullptr;
  std::mutex mutex;
  std::vector<Task> tasks;

  ~Inbox() {
    if (event != nullptr) event_free(event);
  }

  void put(Task task) {
    {
      const std::lock_guard lock{mutex};
      tasks.push_back(std::move(task));
    }
    (void)eventfd_write(wake.get(), 1);  // fails only when it is already as awake as can be
  }

  static void on_wake(evutil_socket_t fd, short, void* context) {
    eventfd_t ignored = 0;
    (void)eventfd_read(fd, &ignored);
    std::vector<Task> due;
    {
      auto& self = *static_cast<Inbox*>(context);
      const std::lock_guard lock{self.mutex};
      due.swap(self.tasks);
    }
    for (Task& task : due) task();
  }
};

Loop::Loop() : base_(event_base_new()), inbox_(std::make_unique<Inbox>()) {
  INVARIANT(base_ != nullptr, "an event loop can be made");
  INVARIANT(static_cast<bool>(inbox_->wake), "an event loop has a wake-up descriptor");
  inbox_->event = event_new(base_, inbox_->wake.get(), EV_READ | EV_PERSIST, &Inbox::on_wake, inbox_.get());
  event_add(inbox_->event, nullptr);
  deferred_event_ = event_new(
      base_, -1, 0, [](evutil_socket_t, short, void* self) { static_cast<Loop*>(self)->run_deferred(); }, this);
}

Loop::~Loop() {
  deferred_.clear();
  event_free(deferred_event_);
  inbox_.reset();
  event_base_free(base_);
}

Instant Loop::now() noexcept {
  if (!in_cycle_) return read_clock();
  if (!now_is_read_) now_ = read_clock();
  now_is_read_ = true;
  return now_;
}

/// EVLOOP_ONCE blocks for events and serves what is active; the first now() after the wake-up reads the clock.
void Loop::run_cycle() {
  now_is_read_ = false;
  in_cycle_ = true;
  event_base_loop(base_, EVLOOP_ONCE);
  in_cycle_ = false;
}

void Loop::run() {
  stopped_ = false;
  while (!stopped_) run_cycle();
}

bool Loop::run_until(const std::function<bool()>& done, Duration limit) {
  bool expired = false;
  Timer deadline{*this, [&expired](Instant) { expired = true; }};
  deadline.schedule(now() + limit);
  stopped_ = false;
  while (!stopped_ && !expired && !done()) run_cycle();
  return done();
}

void Loop::stop() {
  post([this] { stopped_ = true; });
}

void Loop::post(Task task) { inbox_->put(std::move(task)); }

void Loop::defer(Task task) {
  deferred_.push_back(std::move(task));
  if (deferred_.size() == 1) event_active(deferred_event_, EV_TIMEOUT, 0);
}

void Loop::run_deferred() {
  std::vector<Task> due;
  due.swap(deferred_);
  for (Task& task : due) task();
}

}  // namespace common::event
