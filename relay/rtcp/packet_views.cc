#include "relay/rtcp/packet_views.h"

#include <algorithm>

namespace relay::rtcp {
namespace {

constexpr std::size_t kSenderInfo = 20;
constexpr std::size_t kBlock = 24;

/// 24 bits with sign.
constexpr std::int32_t signed_24(std::uint32_t value) noexcept {
  return static_cast<std::int32_t>(value ^ 0x800000U) - 0x800000;
}

}  // namespace

std::optional<ReportView> ReportView::from(const Packet& packet) noexcept {
  const bool sender_report = packet.type == PacketType::SenderReport;
  if (!sender_report && packet.type != PacketType::ReceiverReport) return std::nullopt;
  const std::size_t needed = 4 + (sender_report ? kSenderInfo : 0) + kBlock * packet.count;
  if (packet.body.size() < needed) return std::nullopt;
  return ReportView(packet.body, packet.count, sender_report);
}

SenderInfo ReportView::sender_info() const noexcept {
  const std::uint8_t* at = body_.data() + 4;
  return {.ntp = {common::load_be64(at)},
          .rtp_timestamp = common::load_be32(at + 8),
          .packet_count = common::load_be32(at + 12),
          .octet_count = common::load_be32(at + 16)};
}

ReportBlock ReportView::block(std::size_t index) const noexcept {
  const std::uint8_t* at = body_.data() + 4 + (sender_report_ ? kSenderInfo : 0) + kBlock * index;
  return {.ssrc = {common::load_be32(at)},
          .fraction_lost = at[4],
          .cumulative_lost = signed_24(common::load_be24(at + 5)),
          .extended_highest_sequence = common::load_be32(at + 8),
          .jitter = common::load_be32(at + 12),
          .last_sender_report = common::load_be32(at + 16),
          .delay_since_sender_report = common::load_be32(at + 20)};
}

std::optional<SdesView> SdesView::from(const Packet& packet) noexcept {
  if (packet.type != PacketType::SourceDescription) return std::nullopt;
  return SdesView(packet.body, packet.count);
}

std::optional<SdesItem> SdesView::next() noexcept {
  while (in_chunk_ || open_chunk()) {
    const std::uint8_t type = at_ < body_.size() ? body_[at_] : std::uint8_t{0};
    if (type == 0) {
      close_chunk();
      continue;
    }
    if (body_.size() - at_ < 2 || body_.size() - at_ - 2 < body_[at_ + 1]) break;
    const std::size_t length = body_[at_ + 1];
    const SdesItem item{ssrc_, type, common::as_text(body_.subspan(at_ + 2, length))};
    at_ += 2 + length;
    return item;
  }
  in_chunk_ = false;
  chunks_ = 0;
  return std::nullopt;
}

bool SdesView::open_chunk() noexcept {
  if (chunks_ == 0 || body_.size() - at_ < 4) return false;
  ssrc_ = {common::load_be32(body_.data() + at_)};
  at_ += 4;
  in_chunk_ = true;
  return true;
}

/// A chunk ends with one to four zero bytes, at a multiple of four.
void SdesView::close_chunk() noexcept {
  at_ = std::min(body_.size(), (at_ / 4 + 1) * 4);
  in_chunk_ = false;
  --chunks_;
}

std::optional<ByeView> ByeView::from(const Packet& packet) noexcept {
  if (packet.type != PacketType::Bye || packet.body.size() < std::size_t{4} * packet.count) return std::nullopt;
  return ByeView(packet.body, packet.count);
}

std::string_view ByeView::reason() const noexcept {
  const common::ByteSpan rest = body_.subspan(std::size_t{4} * count_);
  if (rest.empty() || rest[0] > rest.size() - 1) return {};
  return common::as_text(rest.subspan(1, rest[0]));
}

std::optional<AppView> AppView::from(const Packet& packet) noexcept {
  if (packet.type != PacketType::App || packet.body.size() < 8) return std::nullopt;
  return AppView{.subtype = packet.count,
                 .sender = {common::load_be32(packet.body.data())},
                 .name = common::as_text(packet.body.subspan(4, 4)),
                 .data = packet.body.subspan(8)};
}

std::optional<FeedbackView> FeedbackView::from(const Packet& packet) noexcept {
  const bool feedback = packet.type == PacketType::TransportFeedback || packet.type == PacketType::PayloadFeedback;
  if (!feedback || packet.body.size() < 8) return std::nullopt;
  return FeedbackView(packet.body, packet.type, packet.count);
}

}  // namespace relay::rtcp
