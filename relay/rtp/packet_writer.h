#pragma once

#include "relay/packet/packet_buffer.h"
#include "relay/rtp/packet_view.h"

namespace relay::rtp {

/// The fixed header of a packet we make ourselves: no CSRC, no extension, no padding.
struct Header {
  std::uint8_t payload_type = 0;  // ≤ 127
  bool marker = false;
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  Ssrc ssrc;
};

/// Replaces the content of `packet` by `header` and `payload`. False, and an empty packet, if the payload is longer
/// than PacketBuffer::kMaxDatagram minus the header. `payload` must not lie in `packet`.
[[nodiscard]] bool write_packet(packet::PacketBuffer& packet, const Header& header, common::ByteSpan payload) noexcept;

}  // namespace relay::rtp
