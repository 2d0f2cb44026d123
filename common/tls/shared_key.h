#pragma once

#include <vector>

#include "common/base/bytes.h"
#include "common/tls/context.h"

namespace common::tls {

/// TLS 1.3 with an external pre-shared key (RFC 8446 §2.2) and ephemeral Diffie-Hellman, without certificates: both
/// ends prove that they know one of the same secrets. Each key has 32 bytes.

/// Offers `key`.
Context shared_key_client(const Bytes& key);
/// Takes a client that knows any of `keys`.
Context shared_key_server(const std::vector<Bytes>& keys);

}  // namespace common::tls
