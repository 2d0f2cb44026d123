#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control-protocol/message/request.h"
#include "relay/negotiation/side.h"

/// Offer and answer, RFC 3264, through the relay: each party sees only us.
namespace relay::negotiation {

struct ExchangeError {
  std::string reason;
  bool out_of_ports = false;
};

/// SDP for the other party.
using Exchanged = common::Result<std::string, ExchangeError>;

/// `from` has offered `offer`; both sides take it in, ports are opened where they are missing, and the result is the
/// offer for `to`.
[[nodiscard]] Exchanged relay_offer(const sdp::Description& offer, const ng::Request& request, Side& from, Side& to,
                                    Environment& environment);

/// `from` has answered `answer` to what relay_offer() gave; the result is the answer for `to`.
[[nodiscard]] Exchanged relay_answer(const sdp::Description& answer, const ng::Request& request, Side& from, Side& to,
                                     Environment& environment);

/// Legs of a side and, for every medium both have, the path from `from` to `to`.
std::vector<session::LegPlan> plan_legs(const Side& side, const Environment& environment);
std::vector<session::PathPlan> plan_paths(const Side& from, const Side& to);

}  // namespace relay::negotiation
