#pragma once

#include <cstdint>
#include <optional>

#include "common/net/address.h"
#include "common/time/instant.h"
#include "relay/session/plan.h"

namespace relay::session {

/// Decides whom one port of a leg listens and talks to. A source is believed when it is plausible (SDP address,
/// SIP source), when its packets authenticate, or, from behind a NAT, when it is the first to keep sending within a
/// learning window. Then it is pinned; a change needs evidence and is counted. A strict policy knows the signalled
/// address alone, whatever a packet proves. One that does not learn sends there too, and without being strict it
/// listens to everybody.
class SourceLatch {
 public:
  /// Handshake: a DTLS datagram, whose sender has yet to prove itself by its fingerprint. SameStream: the SSRC and the
  /// sequence numbers go on from what the pinned source sent.
  enum class Evidence : std::uint8_t { None, Handshake, SameStream, Authenticated };

  /// A new plan. A new signalled address starts learning over; the same one changes nothing.
  void configure(const LatchPolicy& policy, std::optional<common::SocketAddress> signalled);

  /// True if a packet of `source` may be taken.
  bool accept(const common::SocketAddress& source, Evidence evidence, common::Instant now) noexcept;
  /// The other port of this medium knows its peer: this one's is the same host, and nobody is believed for being first.
  void follow(const common::IpAddress& host) noexcept { host_ = host; }
  /// A connectivity check has chosen this address, RFC 8445: it is pinned at once.
  void pin(const common::SocketAddress& source) noexcept;
  /// The chosen address does not want to hear more.
  void release() noexcept { pinned_.reset(); }
  bool is_pinned_to(const common::SocketAddress& source) const noexcept { return pinned_ == source; }

  /// Where to send: the pinned source, else what was signalled.
  const std::optional<common::SocketAddress>& destination() const noexcept { return pinned_ ? pinned_ : signalled_; }
  bool pinned() const noexcept { return pinned_.has_value(); }
  std::uint64_t changes() const noexcept { return changes_; }

 private:
  bool plausible(const common::SocketAddress& source) const noexcept;
  bool consistent(const common::SocketAddress& source, Evidence evidence, common::Instant now) noexcept;
  bool may_move(const common::SocketAddress& source, Evidence evidence) const noexcept;

  static constexpr unsigned kConsistentPackets = 3;
  static constexpr unsigned kConsistentHandshakes = 2;  // a ClientHello is repeated only after a second

  LatchPolicy policy_;
  std::optional<common::SocketAddress> signalled_;
  std::optional<common::SocketAddress> pinned_;
  std::optional<common::IpAddress> host_;  // whom the other port listens to
  bool first_come_ = false;                // pinned for nothing but being there first
  std::optional<common::SocketAddress> candidate_;
  unsigned candidate_packets_ = 0;
  common::Instant window_end_{};
  std::uint64_t changes_ = 0;
};

}  // namespace relay::session
