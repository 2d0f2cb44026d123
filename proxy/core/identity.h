#pragma once

#include "proxy/sip/message.h"

/// Header fields by which trusted elements tell each other who somebody is, RFC 3325. Trunks are trusted, users are
/// not.
namespace proxy::core {

/// Takes what an untrusted sender claims out of its message (§5).
void remove_claims(sip::Message& message);

/// Takes out what an untrusted receiver must not see: the asserted identity of somebody who wants privacy (§7).
void withhold_identity(sip::Message& message);

}  // namespace proxy::core
