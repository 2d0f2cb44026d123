#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "relay/media/media_path.h"
#include "relay/packet/packet_sink.h"
#include "relay/session/ingress_streams.h"
#include "relay/session/plan.h"
#include "relay/session/report.h"
#include "relay/session/rtcp_reporter.h"
#include "relay/session/source_latch.h"
#include "relay/session/transport_security.h"

namespace relay::session {

/// RTP and RTCP may have a port each.
enum class PortRole : std::uint8_t { Rtp, Rtcp };

/// Handles of a leg's open ports.
struct LegPorts {
  std::uint32_t rtp = 0;
  std::optional<std::uint32_t> rtcp;
};

/// One party's end of one medium: its ports, whom it believes, how it is protected, what it received.
/// A packet's way: demux, source latch, unprotect, statistics, path, the other leg's protect, sink.
class Leg final : public media::PathSink {
 public:
  Leg(LegPlan plan, LegPorts ports, packet::PacketSink& sink, rtcp::NtpClock clock, std::string_view cname,
      common::Instant now);

  LegId id() const noexcept { return plan_.id; }
  const LegPorts& ports() const noexcept { return ports_; }

  /// A new plan for the same leg; its ports stay.
  void configure(LegPlan plan, common::Instant now);
  /// Where what arrives here goes; nothing: it is dropped and counted. `forwards_rtcp` is the path's.
  void set_path(media::MediaPath* path, Leg* to) noexcept;

  /// True: something other than media has happened, so that next_timeout() may have changed.
  bool on_datagram(packet::PacketBuffer& packet, PortRole role, common::Instant now) noexcept;
  void send_rtp(packet::PacketBuffer& packet, common::Instant now) override;
  /// A whole compound, unprotected.
  void send_rtcp(packet::PacketBuffer& packet, common::Instant now) noexcept;
  /// What we send here under an SSRC of our own (borrowed), for sender reports; nothing: others speak RTCP.
  void originate(const media::EgressStream* egress, common::Instant now) noexcept { reporter_.speak_for(egress, now); }
  /// RTCP BYE for a stream that we originated.
  void say_goodbye(common::Instant now) noexcept;

  void on_timeout(common::Instant now) noexcept;
  std::optional<common::Instant> next_timeout() const noexcept;

  std::optional<common::Instant> last_media() const noexcept { return last_media_; }
  LegReport report(common::Instant now) const;

 private:
  struct PortState {
    SourceLatch latch;
    Totals received;
    Totals sent;
    std::optional<common::Instant> last_packet;
  };

  bool on_rtp(packet::PacketBuffer& packet, PortState& port, common::Instant now) noexcept;
  void on_rtcp(packet::PacketBuffer& packet, PortState& port, common::Instant now) noexcept;
  bool believe(PortState& port, const common::SocketAddress& source, TransportSecurity::Verdict verdict,
               common::Instant now) noexcept;
  void read_reports(const packet::PacketBuffer& packet, common::Instant now) noexcept;
  void transmit(packet::PacketBuffer& packet, PortState& port, std::uint32_t handle) noexcept;
  void choose_security();
  std::uint32_t clock_rate_of(std::uint8_t payload_type) const noexcept { return clock_rates_[payload_type & 0x7f]; }
  PortReport report_port(const LocalPort& local, const PortState& port, common::Instant now) const;

  LegPlan plan_;
  LegPorts ports_;
  packet::PacketSink& sink_;
  rtcp::NtpClock clock_;
  TransportSecurity security_;
  PortState rtp_;
  PortState rtcp_;
  media::MediaPath* path_ = nullptr;  // owned by the session, outlived by it
  Leg* to_ = nullptr;                 // the leg at the path's end
  IngressStreams ingress_;
  RtcpReporter reporter_;
  std::array<std::uint32_t, 128> clock_rates_{};
  std::optional<common::Instant> last_media_;
};

}  // namespace relay::session
