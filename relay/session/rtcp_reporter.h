#pragma once

#include <optional>
#include <string>

#include "relay/media/media_path.h"
#include "relay/rtcp/compound_writer.h"
#include "relay/rtcp/ntp.h"
#include "relay/session/ingress_streams.h"

namespace relay::session {

/// The RTCP that the relay speaks itself on a leg whose media it transcodes: SR or RR with SDES every five seconds or
/// so (RFC 3550 §6.2), BYE at the end.
class RtcpReporter {
 public:
  RtcpReporter(rtcp::NtpClock clock, std::string cname) : clock_(clock), cname_(std::move(cname)) {}

  /// `egress` is what we send on this leg (borrowed); nothing: the reporter falls silent.
  void speak_for(const media::EgressStream* egress, common::Instant now) noexcept;
  bool active() const noexcept { return egress_ != nullptr; }

  std::optional<common::Instant> next_timeout() const noexcept { return next_; }
  /// Writes the report that is due into `packet`; false if none is.
  bool write_report(packet::PacketBuffer& packet, IngressStreams& ingress, common::Instant now) noexcept;
  bool write_bye(packet::PacketBuffer& packet, IngressStreams& ingress, common::Instant now) noexcept;

 private:
  void write_head(rtcp::CompoundWriter& writer, IngressStreams& ingress, common::Instant now) noexcept;
  common::Duration interval() noexcept;

  rtcp::NtpClock clock_;
  std::string cname_;
  const media::EgressStream* egress_ = nullptr;
  std::optional<common::Instant> next_;
  std::uint32_t jitter_state_ = 0;
};

}  // namespace relay::session
