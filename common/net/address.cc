#include "common/net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

#include "common/base/text.h"

namespace common {
namespace {

bool matches(ByteSpan octets, std::initializer_list<std::uint8_t> prefix) {
  return std::equal(prefix.begin(), prefix.end(), octets.begin());
}

}  // namespace

IpAddress IpAddress::v4(std::array<std::uint8_t, 4> octets) noexcept {
  IpAddress address;
  std::ranges::copy(octets, address.octets_.begin());
  return address;
}

IpAddress IpAddress::v6(std::array<std::uint8_t, 16> octets) noexcept {
  if (matches(octets, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff})) {
    return v4({octets[12], octets[13], octets[14], octets[15]});
  }
  IpAddress address;
  address.family_ = Family::V6;
  address.octets_ = octets;
  return address;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  if (text.find('\0') != std::string_view::npos) return std::nullopt;  // inet_pton would stop there
  const std::string terminated(text);
  if (std::array<std::uint8_t, 4> octets{}; inet_pton(AF_INET, terminated.c_str(), octets.data()) == 1) {
    return v4(octets);
  }
  if (std::array<std::uint8_t, 16> octets{}; inet_pton(AF_INET6, terminated.c_str(), octets.data()) == 1) {
    return v6(octets);
  }
  return std::nullopt;
}

bool IpAddress::is_unspecified() const noexcept {
  return std::ranges::all_of(octets(), [](std::uint8_t octet) { return octet == 0; });
}

bool IpAddress::is_loopback() const noexcept {
  if (is_v4()) return octets_[0] == 127;
  return std::all_of(octets_.begin(), octets_.end() - 1, [](std::uint8_t octet) { return octet == 0; }) &&
         octets_[15] == 1;
}

bool IpAddress::is_private() const noexcept {
  if (is_loopback()) return true;
  if (is_v6()) return (octets_[0] & 0xfe) == 0xfc || (octets_[0] == 0xfe && (octets_[1] & 0xc0) == 0x80);
  return octets_[0] == 10 || (octets_[0] == 172 && (octets_[1] & 0xf0) == 16) || matches(octets_, {192, 168}) ||
         matches(octets_, {169, 254}) || (octets_[0] == 100 && (octets_[1] & 0xc0) == 64);
}

std::string IpAddress::to_string() const {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(is_v4() ? AF_INET : AF_INET6, octets_.data(), text, sizeof text);
}

std::string IpAddress::to_uri_host() const { return is_v4() ? to_string() : '[' + to_string() + ']'; }

std::optional<SocketAddress> SocketAddress::parse(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto host = text.substr(0, colon);
  if (host.find(':') != std::string_view::npos && !host.starts_with('[')) return std::nullopt;
  const auto ip = IpAddress::parse(host);
  const auto port = parse_number<std::uint16_t>(text.substr(colon + 1));
  if (!ip || !port) return std::nullopt;
  return SocketAddress{*ip, Port{*port}};
}

SocketAddress SocketAddress::from_sockaddr(const sockaddr* address) noexcept {
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, address, sizeof v6);
    std::array<std::uint8_t, 16> octets;
    std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
    return {IpAddress::v6(octets), Port{ntohs(v6.sin6_port)}};
  }
  sockaddr_in v4;
  std::memcpy(&v4, address, sizeof v4);
  std::array<std::uint8_t, 4> octets;
  std::memcpy(octets.data(), &v4.sin_addr, octets.size());
  return {IpAddress::v4(octets), Port{ntohs(v4.sin_port)}};
}

socklen_t SocketAddress::to_sockaddr(sockaddr_storage& storage) const noexcept {
  std::memset(&storage, 0, sizeof storage);
  if (ip.is_v6()) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port.value);
    std::memcpy(&v6.sin6_addr, ip.octets().data(), 16);
    std::memcpy(&storage, &v6, sizeof v6);
    return sizeof v6;
  }
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port.value);
  std::memcpy(&v4.sin_addr, ip.octets().data(), 4);
  std::memcpy(&storage, &v4, sizeof v4);
  return sizeof v4;
}

std::string SocketAddress::to_string() const { return ip.to_uri_host() + ':' + std::to_string(port.value); }

std::optional<Cidr> Cidr::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto base = IpAddress::parse(text.substr(0, slash));
  if (!base) return std::nullopt;
  const unsigned width = base->is_v4() ? 32 : 128;
  const auto prefix =
      slash == std::string_view::npos ? std::optional{width} : parse_number<unsigned>(text.substr(slash + 1));
  if (!prefix || *prefix > width) return std::nullopt;
  Cidr block;
  block.base_ = *base;
  block.prefix_ = *prefix;
  return block;
}

bool Cidr::contains(const IpAddress& address) const noexcept {
  if (address.family() != base_.family()) return false;
  const auto ours = base_.octets();
  const auto theirs = address.octets();
  const unsigned whole = prefix_ / 8;
  if (!std::equal(ours.begin(), ours.begin() + whole, theirs.begin())) return false;
  const unsigned rest = prefix_ % 8;
  return rest == 0 || ((ours[whole] ^ theirs[whole]) >> (8 - rest)) == 0;
}

std::string Cidr::to_string() const { return base_.to_string() + '/' + std::to_string(prefix_); }

}  // namespace common

std::size_t std::hash<common::IpAddress>::operator()(const common::IpAddress& address) const noexcept {
  return std::hash<std::string_view>{}(common::as_text(address.octets()));
}

std::size_t std::hash<common::SocketAddress>::operator()(const common::SocketAddress& address) const noexcept {
  return std::hash<common::IpAddress>{}(address.ip) * 31 + address.port.value;
}
