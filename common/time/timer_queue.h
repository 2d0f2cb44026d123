#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "common/time/instant.h"

namespace common {

/// One deadline per id, ordered; for control-side objects (transactions, registrations, calls).
/// Packet-rate timers belong on a TimerWheel.
template <class Id, class Hash = std::hash<Id>>
class TimerQueue {
 public:
  /// Sets or moves the deadline of `id`.
  void schedule(Id id, Instant at) {
    cancel(id);
    order_.emplace(at, id);
    deadlines_.emplace(id, at);
  }

  void cancel(const Id& id) {
    const auto found = deadlines_.find(id);
    if (found == deadlines_.end()) return;
    order_.erase({found->second, id});
    deadlines_.erase(found);
  }

  std::optional<Instant> next() const noexcept {
    if (order_.empty()) return std::nullopt;
    return order_.begin()->first;
  }

  /// Ids due at `now`, earliest first; they are forgotten by the queue.
  std::vector<Id> expire(Instant now) {
    std::vector<Id> due;
    while (!order_.empty() && order_.begin()->first <= now) {
      due.push_back(order_.begin()->second);
      deadlines_.erase(order_.begin()->second);
      order_.erase(order_.begin());
    }
    return due;
  }

  std::size_t size() const noexcept { return order_.size(); }

 private:
  std::set<std::pair<Instant, Id>> order_;
  std::unordered_map<Id, Instant, Hash> deadlines_;
};

}  // namespace common
