#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "common/base/bytes.h"
#include "common/time/instant.h"
#include "relay/dtls/certificate.h"
#include "relay/dtls/fingerprint.h"
#include "relay/dtls/role.h"
#include "relay/srtp/suite.h"

namespace relay::dtls {

struct TransportOptions {
  /// Protection profiles in order of preference: the passive side picks the first of its own that the peer offers too.
  std::vector<srtp::Suite> suites = {srtp::Suite::AeadAes128Gcm, srtp::Suite::AesCm128HmacSha1_80,
                                     srtp::Suite::AeadAes256Gcm, srtp::Suite::AesCm128HmacSha1_32};
  std::uint16_t mtu = 1200;  // bytes of UDP payload; no handshake datagram is longer
  common::Duration first_retransmission = std::chrono::milliseconds{400};  // doubles up to six seconds
  common::Duration handshake_deadline = std::chrono::seconds{30};          // after the first byte sent
};

/// To be sent to the peer.
struct Send {
  common::Bytes datagram;
};
/// The handshake is complete and the peer's certificate is the announced one: keys of RFC 5764 §4.2.
struct SrtpKeys {
  srtp::Suite suite;
  srtp::KeyMaterial local;   // protects what we send
  srtp::KeyMaterial remote;  // unprotects what we receive
};
/// The peer closed the association (close_notify).
struct Closed {};
struct Failed {
  enum class Why : std::uint8_t {
    Handshake,    // alert, bad signature, no common cipher
    Fingerprint,  // another certificate than the one announced, RFC 5763 §5
    NoSuite,      // no common SRTP protection profile
    Timeout,
  } why;
};
using TransportOutput = std::variant<Send, SrtpKeys, Closed, Failed>;

/// One DTLS 1.2 association for SRTP keys, RFC 5764; carries no application data. Wraps one OpenSSL `SSL`.
/// Push one input, drain poll_output(), then sleep until next_timeout(). Not thread-safe; lives on one shard.
/// OpenSSL's retransmission timer reads the system's clock; it is fenced here (decisions/0001) so that only `now`
/// counts.
class DtlsTransport {
 public:
  enum class State : std::uint8_t {
    Idle,  // passive and nothing heard yet, or not started
    Handshaking,
    Unverified,  // handshake complete, the announced fingerprint is not known yet
    Connected,   // keys were given out
    Closed,
    Failed,
  };

  /// `remote`: fingerprint announced by the peer, or nullopt when its SDP has not come yet.
  DtlsTransport(std::shared_ptr<const Certificate> certificate, Role role, std::optional<Fingerprint> remote,
                TransportOptions options = {});
  ~DtlsTransport();
  DtlsTransport(DtlsTransport&&) noexcept;
  DtlsTransport& operator=(DtlsTransport&&) noexcept;

  /// Active: sends the ClientHello. Passive, or called again: does nothing.
  void start(common::Instant now);
  /// The fingerprint came later than the constructor. A different one after success is a new association: make a new
  /// transport for it.
  void set_remote_fingerprint(const Fingerprint& remote, common::Instant now);
  /// A datagram that packet::classify() calls Dtls, from an address that may speak for the peer. Fragments of a message
  /// may come in any order and over any number of datagrams. Malformed records are dropped silently.
  void on_datagram(common::ByteSpan datagram, common::Instant now);
  void on_timeout(common::Instant now);
  /// Sends close_notify. Nothing happens afterwards.
  void close(common::Instant now);

  std::optional<TransportOutput> poll_output();
  std::optional<common::Instant> next_timeout() const noexcept;

  State state() const noexcept;
  Role role() const noexcept;

 private:
  class Association;
  std::unique_ptr<Association> association_;
};

}  // namespace relay::dtls
