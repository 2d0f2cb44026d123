#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "relay/ice/candidate.h"

namespace relay::ice {

/// The wanted state of ICE on one leg: what the last offer/answer exchange said, not what checks have found out.
struct Plan {
  bool lite = false;  // we are the lite agent, RFC 8445 §2.5
  bool controlling = false;
  bool remote_lite = false;
  std::uint64_t tie_breaker = 0;
  Credentials local;                         // new credentials mean an ICE restart, §9
  std::optional<Credentials> remote;         // absent until the peer's SDP is known
  std::vector<Candidate> local_candidates;   // ours, host only; a component without one does not exist
  std::vector<Candidate> remote_candidates;  // of the peer; may grow with every plan (trickle)
};

}  // namespace relay::ice
