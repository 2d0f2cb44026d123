#include "relay/rtp/packet_writer.h"

namespace relay::rtp {

bool write_packet(packet::PacketBuffer& packet, const Header& header, common::ByteSpan payload) noexcept {
  packet.reset();
  if (payload.size() > packet::PacketBuffer::kMaxDatagram - kFixedHeaderSize) return false;
  std::uint8_t* out = packet.data();
  out[0] = 0x80;
  out[1] = static_cast<std::uint8_t>((header.marker ? 0x80 : 0) | (header.payload_type & 0x7f));
  common::store_be16(out + 2, header.sequence);
  common::store_be32(out + 4, header.timestamp);
  common::store_be32(out + 8, header.ssrc.value);
  if (!payload.empty()) std::memcpy(out + kFixedHeaderSize, payload.data(), payload.size());
  packet.resize(kFixedHeaderSize + payload.size());
  return true;
}

}  // namespace relay::rtp
