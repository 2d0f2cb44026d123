#pragma once

#include "proxy/core/peer.h"
#include "proxy/sip/message.h"
#include "proxy/trunk/trunk.h"

/// Header fields by which trusted elements tell each other who somebody is, RFC 3325. Trunks are told, and
/// those with `trusted_identity` believed; users are neither.
namespace proxy::core {

/// Takes what an untrusted sender claims out of its message (§5).
void remove_claims(sip::Message& message);

/// Takes out what an untrusted receiver must not see: the asserted identity of somebody who wants privacy (§7).
void withhold_identity(sip::Message& message);

/// True if the owner of a sealed hop (owner_of_trunk()) is a trunk whose claims are believed.
bool is_believed(std::uint32_t owner, const trunk::TrunkTable& trunks);

}  // namespace proxy::core
