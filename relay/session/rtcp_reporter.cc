#include "relay/session/rtcp_reporter.h"

#include <array>

namespace relay::session {
namespace {

constexpr auto kMeanInterval = std::chrono::milliseconds{5000};
constexpr auto kFirstInterval = std::chrono::milliseconds{1000};

/// The RTP timestamp of `now` on the egress stream's clock.
std::uint32_t timestamp_at(const media::EgressStream& egress, common::Instant now) noexcept {
  const auto since = std::chrono::duration_cast<std::chrono::microseconds>(now - egress.last_sent).count();
  return egress.last_timestamp + static_cast<std::uint32_t>(since * egress.clock_rate / 1'000'000);
}

}  // namespace

void RtcpReporter::speak_for(const media::EgressStream* egress, common::Instant now) noexcept {
  if (egress == egress_) return;
  egress_ = egress;
  next_.reset();
  if (egress_ == nullptr) return;
  jitter_state_ = egress_->ssrc | 1;
  next_ = now + kFirstInterval;
}

/// Between half and one and a half of the mean, RFC 3550 §6.3.1; the SSRC seeds the spread.
common::Duration RtcpReporter::interval() noexcept {
  jitter_state_ = jitter_state_ * 1664525u + 1013904223u;
  return kMeanInterval / 2 + kMeanInterval * (jitter_state_ >> 16) / 65536;
}

void RtcpReporter::write_head(rtcp::CompoundWriter& writer, IngressStreams& ingress, common::Instant now) noexcept {
  std::array<rtcp::ReportBlock, 4> blocks;
  const std::size_t count = ingress.report_blocks(blocks, now);
  const std::span<const rtcp::ReportBlock> known{blocks.data(), count};
  if (egress_->packets > 0) {
    writer.sender_report({egress_->ssrc},
                         {clock_.at(now), timestamp_at(*egress_, now), egress_->packets, egress_->octets}, known);
  } else {
    writer.receiver_report({egress_->ssrc}, known);
  }
  writer.source_description({egress_->ssrc}, cname_);
}

bool RtcpReporter::write_report(packet::PacketBuffer& packet, IngressStreams& ingress, common::Instant now) noexcept {
  if (egress_ == nullptr || !next_ || now < *next_) return false;
  next_ = now + interval();
  rtcp::CompoundWriter writer(packet);
  write_head(writer, ingress, now);
  return true;
}

bool RtcpReporter::write_bye(packet::PacketBuffer& packet, IngressStreams& ingress, common::Instant now) noexcept {
  if (egress_ == nullptr || egress_->packets == 0) return false;
  rtcp::CompoundWriter writer(packet);
  write_head(writer, ingress, now);
  const rtp::Ssrc source{egress_->ssrc};
  return writer.bye({&source, 1});
}

}  // namespace relay::session
