#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <vector>

#include "relay/ice/pair.h"

namespace relay::ice {

/// Per component (index: component - 1): may ordinary checks start?
using Wanted = std::array<bool, 2>;

/// Pairs of one leg with their states and the order in which they are checked, RFC 8445 §6.1.2 and §6.1.4.
/// Pairs keep their place for the life of the list; how many there can be is fixed.
class CheckList {
 public:
  static constexpr std::size_t kMaxSignalled = 32;
  static constexpr std::size_t kMaxPeerReflexive = 16;

  /// A candidate from SDP. One already known by address (as peer-reflexive, say) takes over its type and priority.
  void add_signalled(const Candidate& remote, std::uint32_t local_priority);
  /// The pair of `remote`, made for it as peer-reflexive if need be; nullptr when the table is full.
  Pair* find_or_add(Component component, const common::SocketAddress& remote, std::uint32_t priority,
                    std::uint32_t local_priority);
  Pair* find(Component component, const common::SocketAddress& remote) noexcept;
  Pair* find_check(const stun::TransactionId& id) noexcept;
  void drop(Component component);

  /// Puts the pair at the end of the triggered queue (once).
  void trigger(Pair& pair);
  /// Next pair to check: triggered ones first, then the best waiting, then the best frozen one, of components for
  /// which `wanted[component - 1]` holds. nullptr: nothing to do.
  Pair* next(Wanted wanted, bool controlling);
  bool has_work(Wanted wanted) const noexcept;
  /// A success: pairs of the same foundation need not wait, §7.2.5.3.3.
  void unfreeze_like(const Pair& pair) noexcept;
  /// The component has its pair: ends the checks of all others.
  void settle(const Pair& chosen) noexcept;
  /// Pairs that are being checked or wait for it; the more, the longer the retransmission interval, §14.3.
  std::size_t active() const noexcept;

  std::uint64_t priority_of(const Pair& pair, bool controlling) const noexcept;
  std::deque<Pair>& pairs() noexcept { return pairs_; }
  const std::deque<Pair>& pairs() const noexcept { return pairs_; }

 private:
  Pair& add(Candidate remote, std::uint32_t local_priority);
  std::size_t count(bool peer_reflexive) const noexcept;
  Pair* best(PairState state, Wanted wanted, bool controlling) noexcept;

  std::deque<Pair> pairs_;  // a deque: pairs do not move when others are added
  std::deque<Pair*> triggered_;
};

}  // namespace relay::ice
