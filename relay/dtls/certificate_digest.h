#pragma once

#include <openssl/x509.h>

#include <optional>
#include <string_view>

#include "relay/dtls/fingerprint.h"

namespace relay::dtls {

/// The fingerprint of a certificate under a hash of RFC 8122 §5, named in lower case; nothing for any other name, or
/// when OpenSSL refuses. Internal to this folder.
std::optional<Fingerprint> fingerprint_of(const X509* certificate, std::string_view hash);

}  // namespace relay::dtls
