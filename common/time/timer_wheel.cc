#include "common/time/timer_wheel.h"

#include <algorithm>

namespace common {

TimerWheel::TimerWheel(Instant now, Duration tick, std::size_t slots)
    : start_(now), tick_(tick), heads_(slots, kNone) {}

std::uint64_t TimerWheel::tick_of(Instant at) const noexcept {
  if (at <= start_) return 0;
  return static_cast<std::uint64_t>((at - start_ + tick_ - Duration{1}) / tick_);
}

void TimerWheel::schedule(std::uint32_t id, Instant at) {
  if (id >= entries_.size()) entries_.resize(std::size_t{id} + 1);
  cancel(id);
  Entry& entry = entries_[id];
  entry.due_tick = std::max(tick_of(at), current_tick_ + 1);
  std::uint32_t& head = heads_[slot_of(entry.due_tick)];
  entry.previous = kNone;
  entry.next = head;
  if (head != kNone) entries_[head].previous = id;
  head = id;
  entry.armed = true;
  ++armed_;
}

void TimerWheel::cancel(std::uint32_t id) noexcept {
  if (id < entries_.size() && entries_[id].armed) unlink(id);
}

void TimerWheel::unlink(std::uint32_t id) noexcept {
  Entry& entry = entries_[id];
  if (entry.previous != kNone) {
    entries_[entry.previous].next = entry.next;
  } else {
    heads_[slot_of(entry.due_tick)] = entry.next;
  }
  if (entry.next != kNone) entries_[entry.next].previous = entry.previous;
  entry.armed = false;
  --armed_;
}

void TimerWheel::expire(Instant now, std::vector<std::uint32_t>& due) {
  if (now < start_) return;
  const auto target = static_cast<std::uint64_t>((now - start_) / tick_);
  if (target <= current_tick_) return;
  const std::uint64_t first = std::max(current_tick_ + 1, target >= heads_.size() ? target - heads_.size() + 1 : 0);
  for (std::uint64_t tick = first; tick <= target && armed_ > 0; ++tick) {
    for (std::uint32_t id = heads_[slot_of(tick)]; id != kNone;) {
      const std::uint32_t following = entries_[id].next;
      if (entries_[id].due_tick <= target) {
        unlink(id);
        due.push_back(id);
      }
      id = following;
    }
  }
  current_tick_ = target;
}

std::optional<Instant> TimerWheel::next() const noexcept {
  if (armed_ == 0) return std::nullopt;
  for (std::uint64_t tick = current_tick_ + 1; tick <= current_tick_ + heads_.size(); ++tick) {
    if (heads_[slot_of(tick)] != kNone) return start_ + tick_ * static_cast<std::int64_t>(tick);
  }
  return std::nullopt;
}

}  // namespace common
