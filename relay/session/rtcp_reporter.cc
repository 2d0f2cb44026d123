#include "relay/session/rtcp_reporter.h"

#include <array>

#include "relay/rtcp/compound_view.h"
#include "relay/rtcp/packet_views.h"

namespace relay::session {
namespace {

constexpr auto kMeanInterval = std::chrono::milliseconds{5000};
constexpr auto kFirstInterval = std::chrono::milliseconds{1000};

/// The RTP timestamp of `now` on the egress stream's clock.
std::uint32_t timestamp_at(const media::EgressStream& egress, common::Instant now) noexcept {
  const auto since = std::chrono::duration_cast<std::chrono::microseconds>(now - egress.last_sent).count();
  return egress.last_timestamp + static_cast<std::uint32_t>(since * egress.clock_rate / 1'000'000);
}

/// RFC 3550 §6.6 in the name of senders whose call has ended. Their CNAMEs are not ours to say, so there is no SDES.
bool write_bye_of(std::span<const rtp::Ssrc> sources, packet::PacketBuffer& packet) noexcept {
  if (sources.empty()) return false;
  rtcp::CompoundWriter writer(packet);
  return writer.receiver_report(sources.front(), {}) && writer.bye(sources);
}

}  // namespace

void RtcpReporter::speak_for(media::MediaPath* path, common::Instant now) noexcept {
  if (path == path_) return;
  path_ = path;
  next_.reset();
  if (path_ == nullptr) return;
  jitter_state_ = path_->egress().ssrc | 1;
  next_ = now + kFirstInterval;
}

void RtcpReporter::read(common::ByteSpan bytes, IngressStreams& ingress, common::Instant now) noexcept {
  auto compound = rtcp::CompoundView::parse(bytes);
  if (!compound) return;
  while (const auto part = compound->next()) {
    const auto report = rtcp::ReportView::from(*part);
    if (!report) continue;
    if (report->is_sender_report()) ingress.on_sender_report(report->sender(), report->sender_info().ntp, now);
    for (std::size_t i = 0; i < report->block_count(); ++i) read_block(report->block(i), ingress, now);
  }
}

void RtcpReporter::read_block(const rtcp::ReportBlock& block, IngressStreams& ingress, common::Instant now) noexcept {
  if (const auto trip = rtcp::round_trip(block, clock_.at(now))) ingress.on_round_trip(*trip);
  const bool about_ours = path_ != nullptr && path_->egress().ssrc == block.ssrc.value;
  if (about_ours) path_->on_loss_report(block.fraction_lost);
}

/// Between half and one and a half of the mean, RFC 3550 §6.3.1; the SSRC seeds the spread.
common::Duration RtcpReporter::interval() noexcept {
  jitter_state_ = jitter_state_ * 1664525u + 1013904223u;
  return kMeanInterval / 2 + kMeanInterval * (jitter_state_ >> 16) / 65536;
}

void RtcpReporter::write_head(rtcp::CompoundWriter& writer, IngressStreams& ingress, common::Instant now) noexcept {
  const media::EgressStream& egress = path_->egress();
  std::array<rtcp::ReportBlock, 4> blocks;
  const std::size_t count = ingress.report_blocks(blocks, now);
  const std::span<const rtcp::ReportBlock> known{blocks.data(), count};
  if (egress.packets > 0) {
    writer.sender_report({egress.ssrc}, {clock_.at(now), timestamp_at(egress, now), egress.packets, egress.octets},
                         known);
  } else {
    writer.receiver_report({egress.ssrc}, known);
  }
  writer.source_description({egress.ssrc}, cname_);
}

bool RtcpReporter::write_report(packet::PacketBuffer& packet, IngressStreams& ingress, common::Instant now) noexcept {
  if (path_ == nullptr || !next_ || now < *next_) return false;
  next_ = now + interval();
  rtcp::CompoundWriter writer(packet);
  write_head(writer, ingress, now);
  return true;
}

bool RtcpReporter::write_bye(packet::PacketBuffer& packet, IngressStreams& ingress, common::Instant now) noexcept {
  if (path_ == nullptr) return write_bye_of(forwarded_.all(), packet);
  if (path_->egress().packets == 0) return false;
  rtcp::CompoundWriter writer(packet);
  write_head(writer, ingress, now);
  const rtp::Ssrc source{path_->egress().ssrc};
  return writer.bye({&source, 1});
}

}  // namespace relay::session
