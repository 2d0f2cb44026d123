#pragma once

#include "relay/packet/packet_buffer.h"
#include "relay/rtp/packet_view.h"

/// Edits of an RTP header where it lies. The packet must have passed PacketView::parse().
namespace relay::rtp {

/// `payload_type` ≤ 127; the marker stays.
inline void set_payload_type(packet::PacketBuffer& packet, std::uint8_t payload_type) noexcept {
  packet.data()[1] = static_cast<std::uint8_t>((packet.data()[1] & 0x80) | (payload_type & 0x7f));
}
inline void set_sequence(packet::PacketBuffer& packet, std::uint16_t sequence) noexcept {
  common::store_be16(packet.data() + 2, sequence);
}

}  // namespace relay::rtp
