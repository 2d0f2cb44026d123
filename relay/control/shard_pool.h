#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <vector>

#include "common/event/timer.h"
#include "common/event/watch.h"
#include "relay/control/shard_gateway.h"
#include "relay/worker/shard.h"

namespace relay::control {

/// The shards' threads and their way to the control loop. Belongs to the control thread.
class ShardPool final : public ShardGateway {
 public:
  using OnEvent = std::function<void(const worker::ShardEvent&)>;

  /// Throws std::system_error when the process is out of descriptors or threads. One thread per shard; each is pinned
  /// to a processor of its own if there are enough of them.
  ShardPool(common::event::Loop& loop, std::size_t shards, common::WallTime wall);

  /// Called on the loop; events that come before it is set wait.
  void on_event(OnEvent on_event);

  std::size_t count() const noexcept override { return threads_.size(); }
  void post(std::size_t shard, worker::ShardCommand command) override;
  const stats::ShardCounters& counters(std::size_t shard) const noexcept { return threads_[shard]->counters(); }

 private:
  void drain(std::size_t shard);
  void pass_overflow(common::Instant now);

  common::event::Loop& loop_;
  OnEvent on_event_;
  std::vector<std::deque<worker::ShardCommand>> overflow_;  // its inbox was full
  common::event::Timer retry_;
  std::vector<std::unique_ptr<worker::ShardThread>> threads_;
  std::vector<std::unique_ptr<common::event::Watch>> watches_;
};

}  // namespace relay::control
