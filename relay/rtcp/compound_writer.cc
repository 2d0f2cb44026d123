#include "relay/rtcp/compound_writer.h"

#include <algorithm>
#include <cstring>

#include "relay/rtcp/packet_views.h"

namespace relay::rtcp {
namespace {

constexpr std::size_t kHeader = 4;
constexpr std::size_t kBlock = 24;
constexpr std::size_t kMaxCount = 31;

std::uint8_t type_of(PacketType type) noexcept { return static_cast<std::uint8_t>(type); }

std::uint8_t* put_block(std::uint8_t* at, const ReportBlock& block) noexcept {
  common::store_be32(at, block.ssrc.value);
  at[4] = block.fraction_lost;
  common::store_be24(at + 5, static_cast<std::uint32_t>(block.cumulative_lost) & 0xffffff);
  common::store_be32(at + 8, block.extended_highest_sequence);
  common::store_be32(at + 12, block.jitter);
  common::store_be32(at + 16, block.last_sender_report);
  common::store_be32(at + 20, block.delay_since_sender_report);
  return at + kBlock;
}

}  // namespace

/// A zeroed body of `body_size` bytes (a multiple of four) behind a finished header; nullptr if it does not fit.
std::uint8_t* CompoundWriter::append(std::uint8_t type, std::uint8_t count, std::size_t body_size) noexcept {
  const std::size_t old_size = packet_.size();
  if (old_size + kHeader + body_size > packet::PacketBuffer::kMaxDatagram) return nullptr;
  packet_.resize(old_size + kHeader + body_size);
  std::uint8_t* at = packet_.data() + old_size;
  at[0] = static_cast<std::uint8_t>(0x80 | count);
  at[1] = type;
  common::store_be16(at + 2, static_cast<std::uint16_t>(body_size / 4));
  std::memset(at + kHeader, 0, body_size);
  return at + kHeader;
}

bool CompoundWriter::sender_report(rtp::Ssrc sender, const SenderInfo& info,
                                   std::span<const ReportBlock> blocks) noexcept {
  if (blocks.size() > kMaxCount) return false;
  std::uint8_t* at =
      append(type_of(PacketType::SenderReport), static_cast<std::uint8_t>(blocks.size()), 24 + kBlock * blocks.size());
  if (at == nullptr) return false;
  common::store_be32(at, sender.value);
  common::store_be64(at + 4, info.ntp.value);
  common::store_be32(at + 12, info.rtp_timestamp);
  common::store_be32(at + 16, info.packet_count);
  common::store_be32(at + 20, info.octet_count);
  at += 24;
  for (const ReportBlock& block : blocks) at = put_block(at, block);
  return true;
}

bool CompoundWriter::receiver_report(rtp::Ssrc sender, std::span<const ReportBlock> blocks) noexcept {
  if (blocks.size() > kMaxCount) return false;
  std::uint8_t* at =
      append(type_of(PacketType::ReceiverReport), static_cast<std::uint8_t>(blocks.size()), 4 + kBlock * blocks.size());
  if (at == nullptr) return false;
  common::store_be32(at, sender.value);
  at += 4;
  for (const ReportBlock& block : blocks) at = put_block(at, block);
  return true;
}

bool CompoundWriter::source_description(rtp::Ssrc source, std::string_view cname) noexcept {
  if (cname.size() > 255) return false;
  const std::size_t padded = (4 + 2 + cname.size()) / 4 * 4 + 4;  // at least one zero byte ends the chunk
  std::uint8_t* at = append(type_of(PacketType::SourceDescription), 1, padded);
  if (at == nullptr) return false;
  common::store_be32(at, source.value);
  at[4] = kSdesCname;
  at[5] = static_cast<std::uint8_t>(cname.size());
  std::copy(cname.begin(), cname.end(), at + 6);
  return true;
}

bool CompoundWriter::bye(std::span<const rtp::Ssrc> sources, std::string_view reason) noexcept {
  if (sources.size() > kMaxCount || reason.size() > 255) return false;
  const std::size_t text = reason.empty() ? 0 : (1 + reason.size() + 3) / 4 * 4;
  std::uint8_t* at =
      append(type_of(PacketType::Bye), static_cast<std::uint8_t>(sources.size()), 4 * sources.size() + text);
  if (at == nullptr) return false;
  for (const rtp::Ssrc source : sources) {
    common::store_be32(at, source.value);
    at += 4;
  }
  if (reason.empty()) return true;
  at[0] = static_cast<std::uint8_t>(reason.size());
  std::copy(reason.begin(), reason.end(), at + 1);
  return true;
}

bool CompoundWriter::picture_loss_indication(rtp::Ssrc sender, rtp::Ssrc media) noexcept {
  std::uint8_t* at = append(type_of(PacketType::PayloadFeedback), kPictureLossIndication, 8);
  if (at == nullptr) return false;
  common::store_be32(at, sender.value);
  common::store_be32(at + 4, media.value);
  return true;
}

bool CompoundWriter::full_intra_request(rtp::Ssrc sender, rtp::Ssrc media, std::uint8_t command_sequence) noexcept {
  std::uint8_t* at = append(type_of(PacketType::PayloadFeedback), kFullIntraRequest, 16);
  if (at == nullptr) return false;
  common::store_be32(at, sender.value);
  common::store_be32(at + 8, media.value);  // in the FCI; the header's media source stays 0, RFC 5104 §4.3.1.2
  at[12] = command_sequence;
  return true;
}

bool CompoundWriter::nack(rtp::Ssrc sender, rtp::Ssrc media, std::uint16_t first, std::uint16_t following) noexcept {
  std::uint8_t* at = append(type_of(PacketType::TransportFeedback), kGenericNack, 12);
  if (at == nullptr) return false;
  common::store_be32(at, sender.value);
  common::store_be32(at + 4, media.value);
  common::store_be16(at + 8, first);
  common::store_be16(at + 10, following);
  return true;
}

}  // namespace relay::rtcp
