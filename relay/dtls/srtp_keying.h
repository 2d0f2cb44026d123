#pragma once

#include <openssl/ssl.h>

#include <optional>
#include <vector>

#include "relay/dtls/dtls_transport.h"

/// What RFC 5764 adds to a handshake: protection profiles are agreed in it, and keys are derived from it. Internal to
/// this folder.
namespace relay::dtls {

/// Names `suites`, in order of preference, in the handshake that `ssl` will begin. False: OpenSSL refused.
bool offer_profiles(SSL* ssl, const std::vector<srtp::Suite>& suites);

/// Of a handshake that is complete: whether both sides know a profile.
bool has_profile(SSL* ssl) noexcept;

/// Keys of a complete handshake that has a profile, RFC 5764 §4.2; `ours` says which half is local. Nothing: OpenSSL
/// refused.
std::optional<SrtpKeys> export_keys(SSL* ssl, Role ours);

}  // namespace relay::dtls
