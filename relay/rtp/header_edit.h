#pragma once

#include "relay/packet/packet_buffer.h"
#include "relay/rtp/packet_view.h"

/// Edits of an RTP header where it lies. The packet must have passed PacketView::parse().
namespace relay::rtp {

inline void set_marker(packet::PacketBuffer& packet, bool marker) noexcept {
  packet.data()[1] = static_cast<std::uint8_t>((packet.data()[1] & 0x7f) | (marker ? 0x80 : 0));
}
/// `payload_type` ≤ 127; the marker stays.
inline void set_payload_type(packet::PacketBuffer& packet, std::uint8_t payload_type) noexcept {
  packet.data()[1] = static_cast<std::uint8_t>((packet.data()[1] & 0x80) | (payload_type & 0x7f));
}
inline void set_sequence(packet::PacketBuffer& packet, std::uint16_t sequence) noexcept {
  common::store_be16(packet.data() + 2, sequence);
}
inline void set_timestamp(packet::PacketBuffer& packet, std::uint32_t timestamp) noexcept {
  common::store_be32(packet.data() + 4, timestamp);
}
inline void set_ssrc(packet::PacketBuffer& packet, Ssrc ssrc) noexcept {
  common::store_be32(packet.data() + 8, ssrc.value);
}

}  // namespace relay::rtp
