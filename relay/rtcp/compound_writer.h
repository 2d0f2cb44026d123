#pragma once

#include <span>
#include <string_view>

#include "relay/packet/packet_buffer.h"
#include "relay/rtcp/report.h"
#include "relay/rtp/ssrc.h"

namespace relay::rtcp {

/// Builds a compound packet in `packet`, whose content it replaces. Each call appends one RTCP packet, or nothing and
/// returns false if it does not fit (or names more than 31 sources). Start with a report, then SDES (RFC 3550 §6.1).
class CompoundWriter {
 public:
  explicit CompoundWriter(packet::PacketBuffer& packet) noexcept : packet_(packet) { packet_.reset(); }

  bool sender_report(rtp::Ssrc sender, const SenderInfo& info, std::span<const ReportBlock> blocks) noexcept;
  bool receiver_report(rtp::Ssrc sender, std::span<const ReportBlock> blocks) noexcept;
  /// One chunk with one CNAME item; `cname` of at most 255 bytes.
  bool source_description(rtp::Ssrc source, std::string_view cname) noexcept;
  bool bye(std::span<const rtp::Ssrc> sources, std::string_view reason = {}) noexcept;
  bool picture_loss_indication(rtp::Ssrc sender, rtp::Ssrc media) noexcept;
  /// `command_sequence` grows by one for each new request, RFC 5104 §4.3.1.
  bool full_intra_request(rtp::Ssrc sender, rtp::Ssrc media, std::uint8_t command_sequence) noexcept;
  /// Generic NACK of `first` and of each first + 1 + n whose bit n is set in `following`.
  bool nack(rtp::Ssrc sender, rtp::Ssrc media, std::uint16_t first, std::uint16_t following) noexcept;

 private:
  std::uint8_t* append(std::uint8_t type, std::uint8_t count, std::size_t body_size) noexcept;
  packet::PacketBuffer& packet_;
};

}  // namespace relay::rtcp
