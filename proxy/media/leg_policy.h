#pragma once

#include "control-protocol/flags/flags.h"
#include "proxy/core/peer.h"
#include "proxy/routing/router.h"
#include "proxy/trunk/trunk.h"

namespace proxy::media {

/// One end of a call as the relay has to treat it. Borrows.
struct Party {
  core::Leg leg = core::Leg::Phone;
  transport::Kind signalling = transport::Kind::Udp;
  const trunk::Trunk* trunk = nullptr;  // with Leg::Trunk, while it is configured
  bool behind_nat = false;              // its SDP names an address that it cannot be reached at
};

/// True if this end's own descriptions must be SRTP.
bool must_encrypt(const Party& party, const routing::MediaPolicy& policy) noexcept;

/// What an offer towards `receiver` has to look like. `from_caller`: the sender opened the call, which decides the
/// interfaces of the policy. A trunk's side for which the policy names none is on the trunk's own.
ng::Flags offer_flags(const Party& sender, const Party& receiver, const routing::MediaPolicy& policy, bool from_caller);

/// What the answer towards `receiver`, who had offered, has to look like.
ng::Flags answer_flags(const Party& sender, const Party& receiver, const routing::MediaPolicy& policy);

}  // namespace proxy::media
