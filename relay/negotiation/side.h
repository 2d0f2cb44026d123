#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/crypto/random.h"
#include "relay/negotiation/port_pair.h"
#include "relay/negotiation/remote_media.h"
#include "relay/session/plan.h"

namespace relay::negotiation {

/// Our end of one medium towards one party: what we said to it and what it said to us. A value: an offer works on a
/// copy, which replaces the original only when the answer has come.
struct LocalMedia {
  session::LegId leg;
  std::shared_ptr<PortPair> ports;  // nothing while the medium is disabled
  std::string label;

  RemoteMedia remote;         // its latest SDP
  bool remote_known = false;  // it has sent one

  ng::TransportProtocol protocol = ng::TransportProtocol::RtpAvp;  // of our m-line towards it
  std::uint16_t ptime = 0;                                         // ms, asked for by flag; 0: as it comes
  CodecList codecs;                                                // offered to it, or agreed with it
  bool rtcp_mux = false;
  bool rtcp_fallback = false;  // rtcp-mux is offered, the peer may still take a port of its own (RFC 5761 §5.1.1)
  bool ice = false;
  bool ice_controlling = false;
  ice::Credentials ice_local;
  std::uint64_t ice_tie_breaker = 0;
  std::vector<sdp::Crypto> cryptos;  // ours, one per suite while offered, one once agreed
  std::optional<srtp::KeyMaterial> receive_key;
  dtls::Role dtls_role = dtls::Role::Passive;
  bool dtls_settled = false;  // the role holds for the fingerprint the peer has now
  session::LatchPolicy latch;
  session::OwnStream own_stream;  // when what we send to it is transcoded

  bool enabled() const noexcept { return ports != nullptr; }
  bool has_rtcp_port() const noexcept { return !rtcp_mux || rtcp_fallback; }
};

/// The host candidates of an enabled medium, as its SDP lists them: RTCP has one unless it shares RTP's port for
/// certain.
std::vector<ice::Candidate> local_candidates(const LocalMedia& local);

/// One party of a call.
struct Side {
  std::string tag;
  std::vector<LocalMedia> media;
  std::string interface{};  // where its ports are; "": on the first one
  /// With SDP-version: what was last said to it, the version left out, and under which version.
  struct Said {
    std::string sdp;
    std::uint64_t version = 0;
  };
  std::optional<Said> said{};
};

/// A caller and one of the branches its call was forked to.
struct Pair {
  Side offerer;  // of the exchange that set the call up
  Side answerer;
};

enum class PortError : std::uint8_t { Exhausted, NoSuchInterface };

/// What negotiation needs from the outside.
struct Environment {
  common::crypto::Random& random;
  std::shared_ptr<const dtls::Certificate> certificate;
  bool ice_lite = false;
  std::function<session::LegId()> next_leg;
  /// A pair of ports on the interface of that name ("" for the first) and address family.
  std::function<common::Result<std::shared_ptr<PortPair>, PortError>(std::string_view interface,
                                                                     std::optional<common::IpAddress::Family> family)>
      allocate;
  /// Whether there is an interface of that name; without an answer every name is taken for one.
  std::function<bool(std::string_view interface)> has_interface{};
  std::vector<std::string> warnings{};  // out: what the sender of the request is told although it succeeds
};

}  // namespace relay::negotiation
