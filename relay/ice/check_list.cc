#include "relay/ice/check_list.h"

#include <algorithm>

namespace relay::ice {
namespace {

bool wants(Wanted wanted, const Pair& pair) noexcept { return wanted[static_cast<std::size_t>(pair.component()) - 1]; }

}  // namespace

Pair& CheckList::add(Candidate remote, std::uint32_t local_priority) {
  Pair pair{.remote = std::move(remote), .local_priority = local_priority};
  const auto like = [&](auto state_fits) {
    return std::ranges::any_of(pairs_, [&](const Pair& known) {
      return known.remote.foundation == pair.remote.foundation && state_fits(known);
    });
  };
  const bool succeeded = like([](const Pair& known) { return known.state == PairState::Succeeded; });
  const bool waits = !succeeded && like([](const Pair& known) { return known.pending(); });
  pair.state = waits ? PairState::Frozen : PairState::Waiting;
  return pairs_.emplace_back(std::move(pair));
}

std::size_t CheckList::count(bool peer_reflexive) const noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(
      pairs_, [&](const Pair& pair) { return (pair.remote.type == CandidateType::PeerReflexive) == peer_reflexive; }));
}

void CheckList::add_signalled(const Candidate& remote, std::uint32_t local_priority) {
  if (Pair* known = find(remote.component, remote.address)) {
    if (known->remote.type == CandidateType::PeerReflexive && count(false) < kMaxSignalled) known->remote = remote;
    return;
  }
  if (count(false) < kMaxSignalled) add(remote, local_priority);
}

Pair* CheckList::find_or_add(Component component, const common::SocketAddress& remote, std::uint32_t priority,
                             std::uint32_t local_priority) {
  if (Pair* known = find(component, remote)) return known;
  if (count(true) >= kMaxPeerReflexive) return nullptr;
  // A foundation nobody else has, §7.3.1.3: '+' never starts one of ours, and a peer's clash would only delay a check.
  const std::string foundation = "+" + std::to_string(pairs_.size());
  return &add({foundation, component, priority, remote, CandidateType::PeerReflexive}, local_priority);
}

Pair* CheckList::find(Component component, const common::SocketAddress& remote) noexcept {
  const auto found = std::ranges::find_if(
      pairs_, [&](const Pair& pair) { return pair.component() == component && pair.remote.address == remote; });
  return found == pairs_.end() ? nullptr : &*found;
}

Pair* CheckList::find_check(const stun::TransactionId& id) noexcept {
  const auto found = std::ranges::find_if(pairs_, [&](const Pair& pair) { return pair.check && pair.check->id == id; });
  return found == pairs_.end() ? nullptr : &*found;
}

void CheckList::drop(Component component) {
  std::erase_if(triggered_, [&](const Pair* pair) { return pair->component() == component; });
  for (Pair& pair : pairs_) {
    if (pair.component() != component) continue;
    pair.state = PairState::Failed;
    pair.queued = false;
    pair.check.reset();
  }
}

void CheckList::trigger(Pair& pair) {
  if (pair.queued) return;
  pair.queued = true;
  triggered_.push_back(&pair);
}

Pair* CheckList::best(PairState state, Wanted wanted, bool controlling) noexcept {
  Pair* best = nullptr;
  for (Pair& pair : pairs_) {
    if (pair.state != state || !wants(wanted, pair)) continue;
    if (best == nullptr || priority_of(pair, controlling) > priority_of(*best, controlling)) best = &pair;
  }
  return best;
}

Pair* CheckList::next(Wanted wanted, bool controlling) {
  if (!triggered_.empty()) {
    Pair* pair = triggered_.front();
    triggered_.pop_front();
    pair->queued = false;
    return pair;
  }
  if (Pair* waiting = best(PairState::Waiting, wanted, controlling)) return waiting;
  return best(PairState::Frozen, wanted, controlling);
}

bool CheckList::has_work(Wanted wanted) const noexcept {
  return !triggered_.empty() || std::ranges::any_of(pairs_, [&](const Pair& pair) {
    return (pair.state == PairState::Waiting || pair.state == PairState::Frozen) && wants(wanted, pair);
  });
}

void CheckList::unfreeze_like(const Pair& pair) noexcept {
  for (Pair& other : pairs_) {
    if (other.state == PairState::Frozen && other.remote.foundation == pair.remote.foundation) {
      other.state = PairState::Waiting;
    }
  }
}

void CheckList::settle(const Pair& chosen) noexcept {
  for (Pair& pair : pairs_) {
    if (&pair == &chosen || pair.component() != chosen.component()) continue;
    pair.check.reset();
    if (pair.state == PairState::InProgress) pair.state = PairState::Waiting;
  }
}

std::size_t CheckList::active() const noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(pairs_, [](const Pair& pair) {
    return pair.state == PairState::Waiting || pair.state == PairState::InProgress;
  }));
}

std::uint64_t CheckList::priority_of(const Pair& pair, bool controlling) const noexcept {
  return controlling ? pair_priority(pair.local_priority, pair.remote.priority)
                     : pair_priority(pair.remote.priority, pair.local_priority);
}

}  // namespace relay::ice
