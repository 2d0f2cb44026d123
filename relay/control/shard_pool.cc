#include "relay/control/shard_pool.h"

#include <thread>
#include <utility>

#include "relay/io/socket_io.h"

namespace relay::control {
namespace {

using namespace std::chrono_literals;

constexpr common::Duration kRetry = 1ms;
constexpr int kEventsPerCycle = 256;  // a busy shard does not starve requests

}  // namespace

ShardPool::ShardPool(common::event::Loop& loop, std::size_t shards, common::WallTime wall)
    : loop_(loop), overflow_(shards), retry_(loop, [this](common::Instant now) { pass_overflow(now); }) {
  const rtcp::NtpClock clock{loop.now(), wall};
  const bool pin = shards > 1 && shards <= std::thread::hardware_concurrency();
  for (std::size_t i = 0; i < shards; ++i) {
    worker::ShardThread::Options options;
    if (pin) options.cpu = static_cast<unsigned>(i);
    threads_.push_back(std::make_unique<worker::ShardThread>(std::make_unique<io::SocketIo>(), clock,
                                                             common::event::read_clock, options));
    watches_.push_back(std::make_unique<common::event::Watch>(loop, threads_.back()->event_fd(),
                                                              [this, i](common::event::Ready) { drain(i); }));
  }
}

void ShardPool::on_event(OnEvent on_event) {
  on_event_ = std::move(on_event);
  for (const auto& watch : watches_) watch->want(true, false);
}

void ShardPool::post(std::size_t shard, worker::ShardCommand command) {
  if (overflow_[shard].empty() && threads_[shard]->post(command)) return;
  overflow_[shard].push_back(std::move(command));
  retry_.schedule(loop_.now() + kRetry);
}

void ShardPool::pass_overflow(common::Instant now) {
  bool left = false;
  for (std::size_t shard = 0; shard < threads_.size(); ++shard) {
    auto& waiting = overflow_[shard];
    while (!waiting.empty() && threads_[shard]->post(waiting.front())) waiting.pop_front();
    left = left || !waiting.empty();
  }
  if (left) retry_.schedule(now + kRetry);
}

void ShardPool::drain(std::size_t shard) {
  for (int i = 0; i < kEventsPerCycle; ++i) {
    const auto event = threads_[shard]->poll_event();
    if (!event) return;
    on_event_(*event);
  }
  loop_.defer([this, shard] { drain(shard); });  // the event descriptor may have been read already
}

}  // namespace relay::control
