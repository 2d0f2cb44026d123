#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "common/base/strong.h"
#include "common/net/address.h"
#include "common/net/fd.h"
#include "common/time/instant.h"
#include "relay/codec/format.h"
#include "relay/dtls/fingerprint.h"
#include "relay/dtls/role.h"
#include "relay/ice/plan.h"
#include "relay/srtp/suite.h"

namespace relay::dtls {
class Certificate;
}

/// The finished plan of one call, made on the control thread and run by one shard. It says the whole desired state:
/// a shard compares it with what runs and opens, changes or closes legs. Nothing in it needs text, policy or randomness
/// to be run.
namespace relay::session {

using SessionId = common::Strong<struct SessionIdTag, std::uint64_t>;  // unique for the life of the process
using LegId = common::Strong<struct LegIdTag, std::uint32_t>;          // unique within its session, never reused

/// A bound UDP socket of this relay. `fd` is set only in the first plan that names the leg: the shard takes it over.
struct LocalPort {
  common::SocketAddress bound;       // where the socket listens
  common::SocketAddress advertised;  // what SDP says (NAME/BIND!ADVERTISED)
  common::Fd fd;
};

struct PlainSecurity {};
struct SdesSecurity {
  srtp::KeyMaterial send;
  std::optional<srtp::KeyMaterial> receive;  // absent until the peer's answer names it
};
using DtlsRole = dtls::Role;
struct DtlsSecurity {
  DtlsRole role = DtlsRole::Passive;
  std::optional<dtls::Fingerprint> remote;  // absent until the peer's SDP is known; no key is used before it matches
  std::shared_ptr<const dtls::Certificate> certificate;  // shared by every leg of the process, immutable
};
using Security = std::variant<PlainSecurity, SdesSecurity, DtlsSecurity>;

using IcePlan = ice::Plan;

/// How a leg finds out where its peer really is.
struct LatchPolicy {
  bool strict = false;    // strict-source: only the SDP address counts, for SRTP as well
  bool trust_sdp = true;  // trust-address; otherwise `signalling_source` replaces the SDP address
  bool learns = true;     // asymmetric: false; the peer may send from anywhere and is sent to where it signalled
  std::optional<common::IpAddress> signalling_source;  // received-from
  common::Duration learning_window = std::chrono::seconds{3};
};

struct LegPlan {
  LegId id;
  std::string label;  // tag of the party and number of its media section, for logs and reports
  LocalPort rtp;
  std::optional<LocalPort> rtcp;                    // absent when RTP and RTCP share a port for certain
  bool rtcp_mux = false;                            // RFC 5761: send RTCP on the RTP port
  std::optional<common::SocketAddress> remote_rtp;  // from SDP; unspecified address or port 0: absent
  std::optional<common::SocketAddress> remote_rtcp;
  LatchPolicy latch;
  Security security;
  std::optional<IcePlan> ice;
  std::vector<codec::Format> formats;  // what this leg may send and receive
  bool receives = true;                // we accept media from the peer (its direction allows sending)
  bool sends = true;                   // the peer accepts media from us
};

struct Drop {
  friend bool operator==(const Drop&, const Drop&) = default;
};
struct Forward {
  std::uint8_t payload_type = 0;  // on the way out; the payload itself is untouched
  friend bool operator==(const Forward&, const Forward&) = default;
};
struct Transcode {
  codec::Format from;
  codec::Format to;
  friend bool operator==(const Transcode&, const Transcode&) = default;
};
/// telephone-event, RFC 4733: clock rate and payload type mapped, the stream it belongs to kept in step.
struct MapEvent {
  codec::Format from;
  codec::Format to;
  friend bool operator==(const MapEvent&, const MapEvent&) = default;
};

/// A stream that the relay itself originates, RFC 3550 §5.1; random, drawn on the control thread.
struct OwnStream {
  std::uint32_t ssrc = 0;
  std::uint16_t first_sequence = 0;
  std::uint32_t first_timestamp = 0;
  friend bool operator==(const OwnStream&, const OwnStream&) = default;
};
using PayloadAction = std::variant<Drop, Forward, Transcode, MapEvent>;

/// One direction of one medium. A payload type that is not listed is dropped and counted.
struct PathPlan {
  LegId from;
  LegId to;
  std::vector<std::pair<std::uint8_t, PayloadAction>> payloads;
  bool forward_rtcp = true;  // false: the path transcodes, so the relay speaks its own SR/RR on both legs
  OwnStream own_stream;      // used when any payload is transcoded
  friend bool operator==(const PathPlan&, const PathPlan&) = default;
};

struct SessionPlan {
  std::string call_id;  // for logs
  std::string cname;    // RFC 3550 §6.5.1, random, for RTCP of our own
  std::vector<LegPlan> legs;
  std::vector<PathPlan> paths;
  common::Duration media_timeout = std::chrono::seconds{60};        // answered, and no packet on any leg
  common::Duration held_timeout = std::chrono::seconds{3600};       // the same while no party may send
  common::Duration unanswered_timeout = std::chrono::seconds{600};  // offered, never answered
  common::Duration consent_timeout = std::chrono::seconds{30};      // neither consent (RFC 7675) nor media of a peer
};

}  // namespace relay::session
