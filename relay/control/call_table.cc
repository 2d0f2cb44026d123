#include "relay/control/call_table.h"

#include <algorithm>
#include <numeric>

#include "common/base/invariant.h"

namespace relay::control {

std::shared_ptr<Call> CallTable::find(std::string_view call_id) const {
  const auto found = by_id_.find(call_id);
  return found == by_id_.end() ? nullptr : found->second;
}

std::shared_ptr<Call> CallTable::find(session::SessionId session) const {
  const auto found = by_session_.find(session);
  return found == by_session_.end() ? nullptr : found->second;
}

void CallTable::add(const std::shared_ptr<Call>& call) {
  const bool added = by_id_.emplace(call->id(), call).second;
  INVARIANT(added, "a Call-ID names one call");
  by_session_.emplace(call->session(), call);
  ++by_shard_[call->shard()];
}

void CallTable::remove(const Call& call) {
  --by_shard_[call.shard()];
  by_session_.erase(call.session());
  by_id_.erase(call.id());
}

std::vector<CallSummary> CallTable::summaries(std::size_t limit) const {
  std::vector<CallSummary> all;
  for (const auto& [id, call] : by_id_) {
    if (all.size() >= limit) break;
    const bool answered = std::ranges::any_of(call->forks(), [](const Fork& f) { return f.established.has_value(); });
    all.push_back({id, call->shard(), call->forks().size(), answered, call->created()});
  }
  return all;
}

std::vector<std::size_t> CallTable::shards_by_load() const {
  std::vector<std::size_t> shards(by_shard_.size());
  std::iota(shards.begin(), shards.end(), std::size_t{0});
  std::ranges::stable_sort(shards, {}, [&](std::size_t shard) { return by_shard_[shard]; });
  return shards;
}

}  // namespace relay::control
