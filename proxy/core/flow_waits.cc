#include "proxy/core/flow_waits.h"

#include <algorithm>
#include <vector>

namespace proxy::core {
namespace {

constexpr std::size_t kMaxWaits = 10'000;

}  // namespace

bool FlowWaits::add(transaction::TransactionId server, Wait wait) {
  cancel(server);
  if (waits_.size() >= kMaxWaits) return false;
  timers_.schedule(server, wait.until);
  by_owner_.emplace(wait.owner, server);
  waits_.emplace(server, std::move(wait));
  return true;
}

void FlowWaits::cancel(transaction::TransactionId server) {
  if (waits_.contains(server)) take(server);
}

bool FlowWaits::end(transaction::TransactionId server) {
  if (!waits_.contains(server)) return false;
  take(server).on_end();
  return true;
}

FlowWaits::Wait FlowWaits::take(transaction::TransactionId server) {
  auto node = waits_.extract(server);
  const auto [begin, end] = by_owner_.equal_range(node.mapped().owner);
  by_owner_.erase(std::find_if(begin, end, [&](const auto& entry) { return entry.second == server; }));
  timers_.cancel(server);
  return std::move(node.mapped());
}

void FlowWaits::wake(std::uint32_t owner) {
  const auto [begin, end] = by_owner_.equal_range(owner);
  std::vector<transaction::TransactionId> servers;
  std::transform(begin, end, std::back_inserter(servers), [](const auto& entry) { return entry.second; });
  for (const transaction::TransactionId server : servers) {
    if (waits_.contains(server)) take(server).on_return();
  }
}

void FlowWaits::on_timeout(common::Instant now) {
  for (const transaction::TransactionId server : timers_.expire(now)) {
    if (waits_.contains(server)) take(server).on_end();
  }
}

}  // namespace proxy::core
