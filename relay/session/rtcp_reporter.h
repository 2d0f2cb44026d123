#pragma once

#include <optional>
#include <string>

#include "relay/media/media_path.h"
#include "relay/rtcp/compound_writer.h"
#include "relay/rtcp/ntp.h"
#include "relay/session/forwarded_sources.h"
#include "relay/session/ingress_streams.h"

namespace relay::session {

/// The RTCP of one leg. Where the relay transcodes it speaks itself: SR or RR with SDES every five seconds or so
/// (RFC 3550 §6.2), BYE at the end. Where media pass through it says BYE in the names of those whose call has ended.
/// What the peer reports is read in either case.
class RtcpReporter {
 public:
  RtcpReporter(rtcp::NtpClock clock, std::string cname) : clock_(clock), cname_(std::move(cname)) {}

  /// The path whose packets leave on this leg under an SSRC of our own (borrowed): it is told what the peer reports.
  /// Nothing: others speak.
  void speak_for(media::MediaPath* path, common::Instant now) noexcept;
  /// A packet has left on this leg, whoever originated it.
  void on_sent(rtp::Ssrc ssrc) noexcept { forwarded_.on_packet(ssrc); }
  /// A compound of the peer, unprotected; nothing happens if it is none.
  void read(common::ByteSpan compound, IngressStreams& ingress, common::Instant now) noexcept;

  std::optional<common::Instant> next_timeout() const noexcept { return next_; }
  /// Writes the report that is due into `packet`; false if none is.
  bool write_report(packet::PacketBuffer& packet, IngressStreams& ingress, common::Instant now) noexcept;
  /// The last words of every stream that was sent here; false if there was none.
  bool write_bye(packet::PacketBuffer& packet, IngressStreams& ingress, common::Instant now) noexcept;

 private:
  void read_block(const rtcp::ReportBlock& block, IngressStreams& ingress, common::Instant now) noexcept;
  void write_head(rtcp::CompoundWriter& writer, IngressStreams& ingress, common::Instant now) noexcept;
  common::Duration interval() noexcept;

  rtcp::NtpClock clock_;
  std::string cname_;
  media::MediaPath* path_ = nullptr;
  ForwardedSources forwarded_;
  std::optional<common::Instant> next_;
  std::uint32_t jitter_state_ = 0;
};

}  // namespace relay::session
