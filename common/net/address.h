#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/strong.h"

namespace common {

using Port = Strong<struct PortTag, std::uint16_t>;  // host byte order

/// An IPv4 or IPv6 address as a value. IPv4-mapped IPv6 is turned into IPv4 on the way in.
class IpAddress {
 public:
  enum class Family : std::uint8_t { V4, V6 };

  IpAddress() = default;  // 0.0.0.0
  static IpAddress v4(std::array<std::uint8_t, 4> octets) noexcept;
  static IpAddress v6(std::array<std::uint8_t, 16> octets) noexcept;
  /// Accepts `192.0.2.1`, `2001:db8::1` and `[2001:db8::1]`; never a name.
  static std::optional<IpAddress> parse(std::string_view text);

  Family family() const noexcept { return family_; }
  bool is_v4() const noexcept { return family_ == Family::V4; }
  bool is_v6() const noexcept { return family_ == Family::V6; }
  bool is_unspecified() const noexcept;
  bool is_loopback() const noexcept;
  /// RFC 1918, RFC 6598, RFC 4193, loopback and link-local: not reachable from the Internet.
  bool is_private() const noexcept;
  /// 4 or 16 bytes, network order. Borrows `*this`.
  ByteSpan octets() const noexcept { return {octets_.data(), is_v4() ? std::size_t{4} : std::size_t{16}}; }
  /// Without brackets.
  std::string to_string() const;
  /// As it stands in a SIP URI or Via: IPv6 in brackets.
  std::string to_uri_host() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  Family family_ = Family::V4;
  std::array<std::uint8_t, 16> octets_{};
};

/// Address and port of one end of a UDP or TCP flow.
struct SocketAddress {
  IpAddress ip;
  Port port;

  /// `192.0.2.1:5060`, `[2001:db8::1]:5060`.
  static std::optional<SocketAddress> parse(std::string_view text);
  static SocketAddress from_sockaddr(const sockaddr* address) noexcept;
  /// Fills `storage` and gives its length.
  socklen_t to_sockaddr(sockaddr_storage& storage) const noexcept;
  std::string to_string() const;

  friend auto operator<=>(const SocketAddress&, const SocketAddress&) = default;
};

/// An address block, RFC 4632; a plain address is a block of one.
class Cidr {
 public:
  static std::optional<Cidr> parse(std::string_view text);
  bool contains(const IpAddress& address) const noexcept;
  std::string to_string() const;
  friend bool operator==(const Cidr&, const Cidr&) = default;

 private:
  IpAddress base_;
  unsigned prefix_ = 0;
};

}  // namespace common

template <>
struct std::hash<common::IpAddress> {
  std::size_t operator()(const common::IpAddress& address) const noexcept;
};
template <>
struct std::hash<common::SocketAddress> {
  std::size_t operator()(const common::SocketAddress& address) const noexcept;
};
