#pragma once

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "common/event/timer.h"
#include "common/event/watch.h"
#include "common/net/address.h"
#include "common/net/fd.h"
#include "control-protocol/client/client.h"

namespace relay::control {

/// Tells a proxy that a call's media has ended: asks its addresses in turn, some rounds of them, until one says ok.
class TeardownSender {
 public:
  struct Settings {
    common::Duration deadline = std::chrono::seconds{2};  // for one address
    common::Duration pause = std::chrono::seconds{3};     // between two rounds
    int rounds = 5;
    std::size_t max_running = 10'000;
  };
  struct Counters {
    std::uint64_t delivered = 0;
    std::uint64_t failed = 0;
  };

  TeardownSender(common::event::Loop& loop, Settings settings, std::string cookie_prefix);
  ~TeardownSender();
  TeardownSender(const TeardownSender&) = delete;
  TeardownSender& operator=(const TeardownSender&) = delete;

  /// `to` is not empty.
  void send(ng::Request request, std::vector<common::SocketAddress> to);

  /// The process is about to end: an address asked from now on has no longer than this, a round no pause behind it.
  void hurry(common::Duration deadline) noexcept;
  /// Called on the loop whenever the last one that was running has ended.
  void on_idle(std::function<void()> on_idle) { on_idle_ = std::move(on_idle); }

  std::size_t running() const noexcept { return tasks_.size(); }
  const Counters& counters() const noexcept { return counters_; }

 private:
  class Task;
  void finish(Task& task, bool delivered);

  common::event::Loop& loop_;
  Settings settings_;
  std::string cookie_prefix_;
  std::uint64_t last_task_ = 0;
  Counters counters_;
  std::list<std::unique_ptr<Task>> tasks_;
  std::function<void()> on_idle_;
  common::event::Timer idle_timer_;
};

}  // namespace relay::control
