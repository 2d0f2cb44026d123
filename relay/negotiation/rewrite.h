#pragma once

#include <vector>

#include "control-protocol/flags/flags.h"
#include "relay/negotiation/side.h"

namespace relay::negotiation {

enum class Role : std::uint8_t { Offer, Answer };

/// Makes `description`, which came from one party, the SDP for the other: our addresses, ports, keys, candidates and
/// codecs (`side`) in place of the sender's; what only the sender's transport understands is taken out.
/// Precondition: side.media.size() == description.media.size().
void rewrite_for(Side& side, const ng::Flags& flags, Role role, const Environment& environment,
                 sdp::Description& description);

}  // namespace relay::negotiation
