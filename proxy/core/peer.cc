#include "proxy/core/peer.h"

#include <algorithm>
#include <array>

#include "common/base/encoding.h"
#include "common/crypto/digest.h"

namespace proxy::core {

namespace {

constexpr std::size_t kFlowIdBytes = 12;

// One byte: two bits of `by`, one for IPv6, two of the leg, three of the transport.
constexpr std::uint8_t kV6 = 0x20;

std::uint8_t pack(const Peer& peer) {
  const unsigned by = static_cast<unsigned>(peer.by) << 6;
  const unsigned v6 = peer.by == Peer::By::Address && peer.remote.ip.is_v6() ? kV6 : 0;
  return static_cast<std::uint8_t>(by | v6 | static_cast<unsigned>(peer.leg) << 3 | static_cast<unsigned>(peer.kind));
}

bool unpack(std::uint8_t byte, Peer& peer) {
  const unsigned by = byte >> 6;
  const unsigned leg = byte >> 3 & 3;
  const unsigned kind = byte & 7;
  if (by > 2 || leg > 2 || kind > 4) return false;
  peer.by = static_cast<Peer::By>(by);
  peer.leg = static_cast<Leg>(leg);
  peer.kind = static_cast<transport::Kind>(kind);
  return true;
}

common::IpAddress read_ip(common::ByteReader& reader, bool v6) {
  if (v6) {
    std::array<std::uint8_t, 16> octets{};
    std::ranges::copy(reader.bytes(octets.size()), octets.begin());
    return common::IpAddress::v6(octets);
  }
  std::array<std::uint8_t, 4> octets{};
  std::ranges::copy(reader.bytes(octets.size()), octets.begin());
  return common::IpAddress::v4(octets);
}

common::Bytes flow_bytes(const std::string& flow_id) {
  common::Bytes bytes = common::base64url_decode(flow_id).value_or(common::Bytes{});
  bytes.resize(kFlowIdBytes);
  return bytes;
}

std::uint32_t shortened(const common::crypto::Sha256Digest& digest) {
  return std::max(common::load_be32(digest.data()), std::uint32_t{1});
}

std::uint32_t hash32(std::string_view prefix, std::string_view text) {
  return shortened(common::crypto::sha256(common::as_bytes(std::string{prefix} + std::string{text})));
}

}  // namespace

std::uint32_t owner_of_user(std::string_view user) { return hash32("user:", user); }
std::uint32_t owner_of_trunk(std::string_view trunk) { return hash32("trunk:", trunk); }
std::uint32_t tag_hash(common::ByteSpan key, std::string_view tag) {
  return shortened(common::crypto::hmac_sha256(key, common::as_bytes("callee tag\n" + std::string{tag})));
}

void write_peer(common::ByteWriter& writer, const Peer& peer) {
  writer.u8(pack(peer)).u8(static_cast<std::uint8_t>(peer.listener.value)).u32(peer.owner);
  switch (peer.by) {
    case Peer::By::Address:
      writer.bytes(peer.remote.ip.octets()).u16(peer.remote.port.value);
      break;
    case Peer::By::FlowId:
      writer.bytes(flow_bytes(peer.flow_id));
      break;
    case Peer::By::Connection:
      writer.u64(peer.connection.value).u32(peer.boot);
      break;
  }
}

std::optional<Peer> read_peer(common::ByteReader& reader) {
  Peer peer;
  const std::uint8_t head = reader.u8();
  if (!unpack(head, peer)) return std::nullopt;
  peer.listener = {reader.u8()};
  peer.owner = reader.u32();
  switch (peer.by) {
    case Peer::By::Address:
      peer.remote.ip = read_ip(reader, (head & kV6) != 0);
      peer.remote.port = {reader.u16()};
      break;
    case Peer::By::FlowId:
      peer.flow_id = common::base64url_encode(reader.bytes(kFlowIdBytes));
      break;
    case Peer::By::Connection:
      peer.connection = {reader.u64()};
      peer.boot = reader.u32();
      break;
  }
  if (!reader.ok()) return std::nullopt;
  return peer;
}

}  // namespace proxy::core
