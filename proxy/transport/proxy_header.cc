#include "proxy/transport/proxy_header.h"

#include <algorithm>

#include "common/base/byte_order.h"

namespace proxy::transport {
namespace {

using common::ByteSpan;
using common::IpAddress;
using common::SocketAddress;
using Read = common::Result<std::optional<ProxyHeader>, ProxyHeaderError>;

constexpr std::array<std::uint8_t, 12> kSignature{0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D,
                                                  0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
constexpr std::size_t kCommandAt = 12;
constexpr std::size_t kFamilyAt = 13;
constexpr std::size_t kLengthAt = 14;
constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kLocal = 0;
constexpr std::uint8_t kProxy = 1;

constexpr std::uint8_t kTcp4 = 0x11;  // family and transport
constexpr std::uint8_t kTcp6 = 0x21;
constexpr std::size_t kAddresses4 = 12;  // two addresses, two ports
constexpr std::size_t kAddresses6 = 36;

constexpr std::size_t kTlvHead = 3;  // type and length

/// Whether `bytes` are extensions and nothing else; what they say is not needed.
bool are_extensions(ByteSpan bytes) {
  while (!bytes.empty()) {
    if (bytes.size() < kTlvHead) return false;
    const std::size_t length = common::load_be16(bytes.data() + 1);
    if (bytes.size() < kTlvHead + length) return false;
    bytes = bytes.subspan(kTlvHead + length);
  }
  return true;
}

Read read_addresses(std::uint8_t family, ByteSpan rest) {
  if (family != kTcp4 && family != kTcp6) return ProxyHeader{};  // no address of TCP: the rest is anything
  const std::size_t size = family == kTcp4 ? kAddresses4 : kAddresses6;
  if (rest.size() < size || !are_extensions(rest.subspan(size))) return common::Err{ProxyHeaderError::Malformed};
  const std::size_t length = family == kTcp4 ? 4 : 16;
  const common::Port port{common::load_be16(rest.data() + 2 * length)};
  if (family == kTcp4) {
    std::array<std::uint8_t, 4> octets{};
    std::copy_n(rest.begin(), octets.size(), octets.begin());
    return ProxyHeader{SocketAddress{IpAddress::v4(octets), port}};
  }
  std::array<std::uint8_t, 16> octets{};
  std::copy_n(rest.begin(), octets.size(), octets.begin());
  return ProxyHeader{SocketAddress{IpAddress::v6(octets), port}};
}

Read read_header(ByteSpan bytes, std::size_t fixed) {
  const std::uint8_t command = bytes[kCommandAt] & 0x0F;
  if (command == kLocal) return ProxyHeader{};
  if (command != kProxy) return common::Err{ProxyHeaderError::Malformed};
  return read_addresses(bytes[kFamilyAt], bytes.subspan(fixed));
}

}  // namespace

Read ProxyHeaderReader::push(ByteSpan bytes) {
  const std::size_t count = std::min(bytes.size(), wanted());
  std::copy_n(bytes.begin(), count, bytes_.begin() + static_cast<std::ptrdiff_t>(have_));
  have_ += count;
  const std::size_t comparable = std::min(have_, kSignature.size());
  if (!std::equal(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(comparable), kSignature.begin())) {
    return common::Err{ProxyHeaderError::NotOne};
  }
  if (have_ > kCommandAt && bytes_[kCommandAt] >> 4 != kVersion) return common::Err{ProxyHeaderError::NotOne};
  if (have_ < kFixed) return std::optional<ProxyHeader>{};
  size_ = kFixed + common::load_be16(bytes_.data() + kLengthAt);
  if (size_ > kLongest) return common::Err{ProxyHeaderError::Malformed};
  if (wanted() > 0) return std::optional<ProxyHeader>{};
  return read_header({bytes_.data(), size_}, kFixed);
}

}  // namespace proxy::transport
