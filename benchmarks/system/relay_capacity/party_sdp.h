#pragma once

#include <optional>
#include <string>

#include "benchmarks/system/relay_capacity/scenario.h"
#include "common/net/address.h"
#include "relay/dtls/fingerprint.h"
#include "relay/dtls/role.h"
#include "relay/sdp/attributes.h"

namespace benchmarks {

/// What a party says of itself in SDP.
struct PartyOffer {
  PartyKind kind;
  common::SocketAddress rtp;
  std::optional<relay::sdp::Crypto> crypto;             // with SDES
  std::optional<relay::dtls::Fingerprint> fingerprint;  // with DTLS
};
std::string write_sdp(const PartyOffer& offer);

/// What the relay says to a party.
struct RelaySdp {
  common::SocketAddress rtp;
  std::optional<relay::sdp::Crypto> crypto;  // the one of the party's suite
  std::optional<relay::dtls::Fingerprint> fingerprint;
  relay::dtls::Role role = relay::dtls::Role::Active;  // left to the party
};
/// Throws std::runtime_error if something the party needs is missing.
RelaySdp read_sdp(const std::string& text, const PartyKind& kind);

}  // namespace benchmarks
