#pragma once

#include <algorithm>
#include <optional>

#include "common/base/bytes.h"
#include "common/time/instant.h"
#include "relay/ice/candidate.h"
#include "relay/stun/types.h"

namespace relay::ice {

/// RFC 8445 §6.1.2.6.
enum class PairState : std::uint8_t { Frozen, Waiting, InProgress, Succeeded, Failed };

/// A connectivity check on its way: one STUN transaction.
struct Check {
  stun::TransactionId id;
  common::Bytes request;  // repeated byte for byte
  common::Instant last_sent;
  common::Instant next_send;
  common::Duration interval;  // until the next repetition, doubles
  unsigned sends = 1;
  bool controlling = false;  // our role as the request told it
  bool nominating = false;   // carries USE-CANDIDATE
};

/// The one local base of a component with one remote candidate. A leg has one socket per component, so a remote
/// candidate and its pair are the same thing here.
struct Pair {
  Candidate remote;
  std::uint32_t local_priority = 0;
  PairState state = PairState::Frozen;
  bool queued = false;    // waits in the triggered-check queue
  bool nominate = false;  // controlling: the next check carries USE-CANDIDATE; controlled: the peer's check did
  std::optional<Check> check{};

  Component component() const noexcept { return remote.component; }
  bool pending() const noexcept {
    return state == PairState::Frozen || state == PairState::Waiting || state == PairState::InProgress;
  }
};

/// RFC 8445 §6.1.2.3: both agents come to the same number.
constexpr std::uint64_t pair_priority(std::uint32_t of_controlling, std::uint32_t of_controlled) noexcept {
  const std::uint64_t low = std::min(of_controlling, of_controlled);
  const std::uint64_t high = std::max(of_controlling, of_controlled);
  return (low << 32) + 2 * high + (of_controlling > of_controlled ? 1 : 0);
}

}  // namespace relay::ice
