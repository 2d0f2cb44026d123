#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "common/time/instant.h"

struct event;
struct event_base;

/// The event loop of one thread, over libevent: descriptors, timers, signals and work posted from other threads.
namespace common::event {

using Task = std::function<void()>;

/// Reads the monotonic clock. For shells; a core gets its time handed in.
Instant read_clock() noexcept;

/// One thread's loop. Everything except post() and stop() belongs to that thread.
/// Watches, timers and signals of a loop are destroyed before it.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// The time of this cycle: read once after each wake-up, so that everything in a cycle agrees on it.
  /// Outside run() it is the clock itself.
  Instant now() noexcept;

  /// Serves events until stop().
  void run();
  /// Serves events until stop(), or until `done` is true after a cycle, or for `limit`; says whether `done` came true.
  bool run_until(const std::function<bool()>& done, Duration limit);
  /// Ends run() after the current cycle. Any thread.
  void stop();

  /// Runs `task` on the loop's thread, in a later cycle, in the order of posting. Any thread.
  /// Tasks still waiting when the loop is destroyed are dropped.
  void post(Task task);
  /// Runs `task` after the event being handled, on this thread: for what must not happen inside a caller's stack.
  void defer(Task task);

  /// For libraries that bring their own events (evhttp, c-ares).
  event_base* base() noexcept { return base_; }

 private:
  struct Inbox;
  void run_cycle();
  void run_deferred();

  event_base* base_;
  std::unique_ptr<Inbox> inbox_;
  ::event* deferred_event_ = nullptr;
  std::vector<Task> deferred_;
  Instant now_{};
  bool in_cycle_ = false;
  bool now_is_read_ = false;
  bool stopped_ = false;
};

}  // namespace common::event
