#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control-protocol/flags/flags.h"
#include "relay/dtls/fingerprint.h"
#include "relay/ice/candidate.h"
#include "relay/negotiation/codec_list.h"
#include "relay/sdp/attributes.h"
#include "relay/sdp/session_description.h"

namespace relay::negotiation {

enum class Setup : std::uint8_t { ActPass, Active, Passive, HoldConn };  // RFC 4145 §4

/// What a peer says of one of its media, with session-level attributes applied.
struct RemoteMedia {
  std::string kind;
  std::string mid;
  bool enabled = false;                           // port not 0, and a protocol we relay
  std::optional<ng::TransportProtocol> protocol;  // nothing: not RTP
  std::optional<common::SocketAddress> rtp;       // nothing: on hold the old way (0.0.0.0), or a name
  std::optional<common::SocketAddress> rtcp;
  bool rtcp_mux = false;
  bool sends = true;  // RFC 3264 §6.1, from the peer's side
  bool receives = true;
  CodecList codecs;
  std::uint16_t ptime = 20;       // ms of sound in a packet, as it wants to receive it
  std::uint16_t max_ptime = 120;  // ms, the most that it takes in one packet
  std::optional<ice::Credentials> ice;
  std::vector<ice::Candidate> candidates;
  bool ice_lite = false;
  std::optional<dtls::Fingerprint> fingerprint;
  Setup setup = Setup::ActPass;
  std::vector<sdp::Crypto> cryptos;
};

/// `index` < description.media.size().
RemoteMedia read_remote_media(const sdp::Description& description, std::size_t index);

}  // namespace relay::negotiation
