#include "proxy/transport/stun_binding.h"

#include <algorithm>
#include <array>
#include <vector>

#include "common/base/byte_order.h"
#include "common/base/bytes.h"

namespace proxy::transport {
namespace {

using common::ByteSpan;

constexpr std::size_t kHead = 20;
constexpr std::size_t kAttributeHead = 4;
constexpr std::uint32_t kMagicCookie = 0x2112A442;
constexpr std::uint16_t kRequest = 0x0001;
constexpr std::uint16_t kSuccess = 0x0101;
constexpr std::uint16_t kFailure = 0x0111;
constexpr std::uint16_t kErrorCode = 0x0009;
constexpr std::uint16_t kUnknownAttributes = 0x000A;
constexpr std::uint16_t kXorMappedAddress = 0x0020;
constexpr std::uint16_t kFirstOptional = 0x8000;  // may be ignored
constexpr std::size_t kMostNamed = 8;

std::size_t padded(std::size_t length) noexcept { return (length + 3) & ~std::size_t{3}; }

/// Types that must be understood and are not; nullopt: the attributes do not fill the message.
std::optional<std::vector<std::uint16_t>> unknown_of(ByteSpan attributes) {
  std::vector<std::uint16_t> unknown;
  while (!attributes.empty()) {
    if (attributes.size() < kAttributeHead) return std::nullopt;
    const std::uint16_t type = common::load_be16(attributes.data());
    const std::size_t size = kAttributeHead + padded(common::load_be16(attributes.data() + 2));
    if (size > attributes.size()) return std::nullopt;
    if (type < kFirstOptional && unknown.size() < kMostNamed) unknown.push_back(type);
    attributes = attributes.subspan(size);
  }
  return unknown;
}

std::string message(std::uint16_t type, ByteSpan transaction, ByteSpan attributes) {
  common::ByteWriter writer;
  writer.u16(type).u16(static_cast<std::uint16_t>(attributes.size())).u32(kMagicCookie);
  writer.bytes(transaction).bytes(attributes);
  return std::string{common::as_text(writer.view())};
}

common::Bytes mapped_address(const common::SocketAddress& source, ByteSpan cookie_and_transaction) {
  const auto octets = source.ip.octets();
  const std::size_t length = source.ip.is_v4() ? 4 : 16;
  common::ByteWriter writer;
  writer.u16(kXorMappedAddress).u16(static_cast<std::uint16_t>(kAttributeHead + length));
  writer.u8(0).u8(source.ip.is_v4() ? 1 : 2);
  writer.u16(source.port.value ^ static_cast<std::uint16_t>(kMagicCookie >> 16));
  for (std::size_t i = 0; i < length; ++i) {
    writer.u8(static_cast<std::uint8_t>(octets[i] ^ cookie_and_transaction[i]));
  }
  return {writer.view().begin(), writer.view().end()};
}

common::Bytes unknown_attributes(const std::vector<std::uint16_t>& types) {
  constexpr std::string_view kReason = "Unknown Attribute   ";  // padded to a whole word
  common::ByteWriter writer;
  writer.u16(kErrorCode).u16(static_cast<std::uint16_t>(kAttributeHead + kReason.size()));
  writer.u16(0).u8(4).u8(20).text(kReason);
  writer.u16(kUnknownAttributes).u16(static_cast<std::uint16_t>(2 * types.size()));
  for (const std::uint16_t type : types) writer.u16(type);
  if (types.size() % 2 != 0) writer.u16(0);
  return {writer.view().begin(), writer.view().end()};
}

}  // namespace

bool is_stun(std::string_view bytes) noexcept {
  if (bytes.size() < kHead || (static_cast<unsigned char>(bytes.front()) & 0xC0) != 0) return false;
  return common::load_be32(common::as_bytes(bytes).data() + 4) == kMagicCookie;
}

std::optional<std::string> answer_binding(std::string_view text, const common::SocketAddress& source) {
  if (!is_stun(text)) return std::nullopt;
  const ByteSpan bytes = common::as_bytes(text);
  const bool is_request = common::load_be16(bytes.data()) == kRequest;
  if (!is_request || kHead + common::load_be16(bytes.data() + 2) != bytes.size()) return std::nullopt;
  const auto unknown = unknown_of(bytes.subspan(kHead));
  if (!unknown) return std::nullopt;
  const ByteSpan transaction = bytes.subspan(8, 12);
  if (!unknown->empty()) return message(kFailure, transaction, unknown_attributes(*unknown));
  return message(kSuccess, transaction, mapped_address(source, bytes.subspan(4, 16)));
}

}  // namespace proxy::transport
