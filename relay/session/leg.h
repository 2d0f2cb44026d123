#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "relay/media/media_path.h"
#include "relay/packet/packet_sink.h"
#include "relay/session/connectivity.h"
#include "relay/session/drop_reason.h"
#include "relay/session/ingress_streams.h"
#include "relay/session/leg_port.h"
#include "relay/session/plan.h"
#include "relay/session/port_role.h"
#include "relay/session/report.h"
#include "relay/session/rtcp_reporter.h"

namespace relay::session {

/// Handles of a leg's open ports.
struct LegPorts {
  std::uint32_t rtp = 0;
  std::optional<std::uint32_t> rtcp;
};

/// One party's end of one medium: its ports, whom it believes, how it is protected, what it received.
/// A packet's way: demux, unprotect, source latch, statistics, path, the other leg's protect, sink. What is not media
/// goes to Connectivity, which says where the peer is and what keys it agreed to.
class Leg final : public media::PathSink {
 public:
  /// `sink`, `drops` and `random` outlive the leg.
  Leg(LegPlan plan, LegPorts ports, packet::PacketSink& sink, DropCounters& drops, common::crypto::Random& random,
      rtcp::NtpClock clock, std::string_view cname, common::Instant now);

  LegId id() const noexcept { return plan_.id; }
  const LegPorts& ports() const noexcept { return ports_; }

  /// A new plan for the same leg; its ports stay.
  void configure(LegPlan plan, common::Instant now);
  /// Where what arrives here goes; nothing: it is dropped and counted.
  void set_path(media::MediaPath* path, Leg* to) noexcept;

  /// A packet will arrive here soon: brings what it will touch into the cache. First what lies in the leg itself, then,
  /// some packets later, what that points to.
  void prefetch() const noexcept;
  void prefetch_far() const noexcept;

  /// True: something other than media has happened, so that next_timeout() may have changed.
  bool on_datagram(packet::PacketBuffer& packet, PortRole role, common::Instant now) noexcept;
  void send_rtp(packet::PacketBuffer& packet, common::Instant now) override;
  /// A whole compound, unprotected.
  void send_rtcp(packet::PacketBuffer& packet, common::Instant now) noexcept;
  /// The path whose packets leave here under an SSRC of our own (borrowed): we speak RTCP for it, and it is told what
  /// the peer reports. Nothing: others speak RTCP.
  void originate(media::MediaPath* path, common::Instant now) noexcept;
  /// RTCP BYE for the streams that we sent here, whoever originated them, and the end of DTLS.
  void say_goodbye(common::Instant now);

  void on_timeout(common::Instant now);
  std::optional<common::Instant> next_timeout() const noexcept;

  /// The last RTP or RTCP that was believed.
  std::optional<common::Instant> last_heard() const noexcept { return last_heard_; }
  /// Since when the peer does not consent to be sent to, RFC 7675.
  std::optional<common::Instant> unreachable_since() const noexcept { return unreachable_since_; }
  bool expects_media() const noexcept { return plan_.receives; }
  /// True once for each DTLS association that went wrong.
  bool take_handshake_failure() noexcept { return std::exchange(handshake_failed_, false); }
  LegReport report(common::Instant now) const;

 private:
  LegPort& port_of(PortRole role) noexcept { return role == PortRole::Rtp ? rtp_ : rtcp_; }
  TransportSecurity& security_of(PortRole role) noexcept;

  bool on_rtp(packet::PacketBuffer& packet, PortRole role, common::Instant now) noexcept;
  void on_rtcp(packet::PacketBuffer& packet, PortRole role, common::Instant now) noexcept;
  void on_handshake(const packet::PacketBuffer& packet, PortRole role, common::Instant now) noexcept;
  template <class Continues>
  bool believe(PortRole role, const common::SocketAddress& source, TransportSecurity::Trust trust, common::Instant now,
               Continues continues) noexcept;
  /// A packet that arrived at `port` is not taken.
  void refuse(LegPort& port, DropReason reason) noexcept {
    port.count_refused();
    drops_.count(reason);
  }
  void follow_connectivity(common::Instant now);
  void send_raw(PortRole role, const common::SocketAddress& remote, common::ByteSpan datagram);
  void transmit(packet::PacketBuffer& packet, PortRole role) noexcept;
  void choose_security();
  void configure_ports(common::Instant now);
  std::uint32_t clock_rate_of(std::uint8_t payload_type) const noexcept { return clock_rates_[payload_type & 0x7f]; }

  LegPlan plan_;
  LegPorts ports_;
  packet::PacketSink& sink_;
  Connectivity connectivity_;
  LegPort rtp_;
  LegPort rtcp_;
  media::MediaPath* path_ = nullptr;  // owned by the session, outlived by it
  Leg* to_ = nullptr;                 // the leg at the path's end
  IngressStreams ingress_;
  RtcpReporter reporter_;
  std::array<std::uint32_t, 128> clock_rates_{};
  std::optional<common::Instant> last_heard_;
  std::optional<common::Instant> unreachable_since_;
  bool handshake_failed_ = false;
  DropCounters& drops_;  // of the shard
};

}  // namespace relay::session
