#include "relay/worker/shard.h"

#include <algorithm>
#include <utility>

#include "common/base/overload.h"

namespace relay::worker {
namespace {

/// How many packets ahead a leg, and what it points to, are fetched into the cache.
constexpr std::size_t kFar = 2;
constexpr std::size_t kNear = 1;

}  // namespace

Shard::Shard(std::unique_ptr<io::PacketIo> io, rtcp::NtpClock clock, common::Instant now)
    : io_(std::move(io)), clock_(clock), timers_(now), batch_(kBatch) {}

Shard::~Shard() { slots_.clear(); }

std::optional<common::Duration> Shard::wait_time(std::optional<common::Instant> now,
                                                 std::optional<common::Duration> limit) const {
  const auto next = timers_.next();
  if (!next || !now) return limit;
  const common::Duration until = std::max(*next - *now, common::Duration::zero());
  return limit ? std::min(*limit, until) : until;
}

Shard::PortOwner Shard::owner_of(std::size_t index) const noexcept {
  const std::uint32_t handle = batch_[index].port_handle;
  return handle < ports_.size() ? ports_[handle] : PortOwner{};
}

/// With thousands of legs every packet finds its leg outside of the caches. The batch says which ones are next, so they
/// are fetched while the packets before them are at work.
void Shard::look_ahead(std::size_t index, std::size_t count) const noexcept {
  if (index + kNear < count) {
    if (const session::Leg* leg = owner_of(index + kNear).leg) leg->prefetch_far();
  }
  if (index + kFar < count) {
    if (const session::Leg* leg = owner_of(index + kFar).leg) leg->prefetch();
  }
}

void Shard::on_batch(std::size_t count, common::Instant now) {
  for (std::size_t i = 0; i < std::min(count, kFar); ++i) {
    if (const session::Leg* leg = owner_of(i).leg) leg->prefetch();
  }
  for (std::size_t i = 0; i < count; ++i) {
    look_ahead(i, count);
    packet::PacketBuffer& packet = batch_[i];
    const PortOwner owner = owner_of(i);
    if (owner.leg == nullptr) {
      tally_.drops.count(session::DropReason::UnownedPort);
      continue;
    }
    if (owner.leg->on_datagram(packet, owner.role, now)) after_change(owner.slot, now);
  }
  on_timers(now);
  io_->flush();
  publish_counters();
}

void Shard::on_timers(common::Instant now) {
  due_.clear();
  timers_.expire(now, due_);
  for (const std::uint32_t slot : due_) {
    if (!slots_[slot]) continue;
    slots_[slot]->on_timeout(now);
    after_change(slot, now);
  }
}

void Shard::after_change(std::uint32_t slot, common::Instant now) {
  session::Session& session = *slots_[slot];
  while (const auto failure = session.poll_failure()) {
    events_.push_back(SessionFailed{session.id(), failure->first, failure->second});
  }
  if (const auto next = session.next_timeout()) {
    timers_.schedule(slot, std::max(*next, now));
  } else {
    timers_.cancel(slot);
  }
}

void Shard::on_command(ShardCommand command, common::Instant now) {
  std::visit(common::Overload{
                 [&](ApplyPlan& apply_plan) { apply(std::move(apply_plan), now); },
                 [&](QuerySession& question) { query(question, now); },
                 [&](RemoveSession& removal) { remove(removal, now); },
                 [&](StopShard&) { end_sessions(now); },
             },
             command);
}

std::uint32_t Shard::slot_for(session::SessionId id, common::Instant now) {
  if (const auto known = slot_of_.find(id); known != slot_of_.end()) return known->second;
  std::uint32_t slot = static_cast<std::uint32_t>(slots_.size());
  if (free_slots_.empty()) {
    slots_.emplace_back();
  } else {
    slot = free_slots_.back();
    free_slots_.pop_back();
  }
  slots_[slot] = std::make_unique<session::Session>(id, *this, *io_, tally_, random_, clock_, now);
  slots_[slot]->set_complexity(effort_.complexity());
  slot_of_.emplace(id, slot);
  counters_.sessions.store(sessions(), std::memory_order_relaxed);
  return slot;
}

void Shard::apply(ApplyPlan command, common::Instant now) {
  opening_slot_ = slot_for(command.id, now);
  slots_[opening_slot_]->apply(std::move(command.plan), now);
  after_change(opening_slot_, now);
}

void Shard::query(const QuerySession& command, common::Instant now) {
  const auto known = slot_of_.find(command.id);
  events_.push_back(Reported{command.token, known == slot_of_.end() ? session::SessionReport{command.id, {}}
                                                                    : slots_[known->second]->report(now)});
}

void Shard::remove(const RemoveSession& command, common::Instant now) {
  query({command.id, command.token}, now);
  const auto known = slot_of_.find(command.id);
  if (known == slot_of_.end()) return;
  const std::uint32_t slot = known->second;
  slots_[slot]->end(now);
  slots_[slot].reset();
  timers_.cancel(slot);
  free_slots_.push_back(slot);
  slot_of_.erase(known);
  counters_.sessions.store(sessions(), std::memory_order_relaxed);
}

void Shard::end_sessions(common::Instant now) {
  for (const auto& session : slots_) {
    if (session) session->end(now);
  }
  io_->flush();
}

void Shard::on_load(double load) noexcept {
  if (!effort_.on_load(load)) return;
  for (const auto& session : slots_) {
    if (session) session->set_complexity(effort_.complexity());
  }
}

std::uint32_t Shard::open_port(common::Fd socket) {
  const std::uint32_t handle = io_->open(std::move(socket));
  if (handle >= ports_.size()) ports_.resize(handle + 1);
  return handle;
}

void Shard::own_port(std::uint32_t handle, session::Leg& leg, session::PortRole role) {
  ports_[handle] = {&leg, role, opening_slot_};
}

void Shard::close_port(std::uint32_t handle) {
  ports_[handle] = {};
  io_->close(handle);
}

std::optional<ShardEvent> Shard::poll_event() {
  if (events_taken_ == events_.size()) {
    events_.clear();
    events_taken_ = 0;
    return std::nullopt;
  }
  return std::move(events_[events_taken_++]);
}

void Shard::publish_counters() noexcept {
  const io::IoCounters& io = io_->counters();
  counters_.received_packets.store(io.received, std::memory_order_relaxed);
  counters_.sent_packets.store(io.sent, std::memory_order_relaxed);
  counters_.send_failures.store(io.send_failed, std::memory_order_relaxed);
  counters_.wakeups.store(io.wakeups, std::memory_order_relaxed);
  tally_.drops.set(session::DropReason::Oversized, io.truncated);
  for (std::size_t i = 0; i < counters_.transcoded.size(); ++i) {
    counters_.transcoded[i].store(tally_.transcoding.*codec::kTranscoderCounters[i].counter, std::memory_order_relaxed);
  }
  if (!tally_.drops.take_change()) return;
  for (std::size_t i = 0; i < counters_.dropped.size(); ++i) {
    counters_.dropped[i].store(tally_.drops.of(static_cast<session::DropReason>(i)), std::memory_order_relaxed);
  }
}

}  // namespace relay::worker
