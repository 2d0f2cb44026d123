#include "common/net/address.h"

#include <catch2/catch.hpp>

using namespace common;

TEST_CASE("addresses are read and written in both families", "[address]") {
  CHECK(IpAddress::parse("192.0.2.1")->to_string() == "192.0.2.1");
  CHECK(IpAddress::parse("[2001:db8::1]")->to_uri_host() == "[2001:db8::1]");
  CHECK(IpAddress::parse("::ffff:192.0.2.1")->is_v4());
  CHECK_FALSE(IpAddress::parse("example.org"));
  CHECK(SocketAddress::parse("[2001:db8::1]:5060")->to_string() == "[2001:db8::1]:5060");
  CHECK(SocketAddress::parse("192.0.2.1:0")->port == Port{0});
  CHECK_FALSE(SocketAddress::parse("2001:db8::1:5060"));
  CHECK_FALSE(SocketAddress::parse("192.0.2.1:65536"));
}

TEST_CASE("nothing hides behind a NUL byte", "[address][attack]") {
  using namespace std::string_view_literals;
  CHECK_FALSE(common::IpAddress::parse("192.0.2.1\0.evil"sv));
  CHECK_FALSE(common::IpAddress::parse("[2001:db8::1\0]"sv));
  CHECK_FALSE(common::SocketAddress::parse("192.0.2.1\0:5060"sv));
}

TEST_CASE("an address survives the socket interface", "[address]") {
  const auto text = GENERATE("192.0.2.1:5060", "[2001:db8::1]:5061");
  const auto address = *SocketAddress::parse(text);
  sockaddr_storage storage;
  address.to_sockaddr(storage);
  CHECK(SocketAddress::from_sockaddr(reinterpret_cast<sockaddr*>(&storage)) == address);
}

TEST_CASE("a block contains its addresses and no others", "[address]") {
  CHECK(Cidr::parse("192.0.2.0/25")->contains(*IpAddress::parse("192.0.2.127")));
  CHECK_FALSE(Cidr::parse("192.0.2.0/25")->contains(*IpAddress::parse("192.0.2.128")));
  CHECK(Cidr::parse("0.0.0.0/0")->contains(*IpAddress::parse("203.0.113.9")));
  CHECK_FALSE(Cidr::parse("0.0.0.0/0")->contains(*IpAddress::parse("::1")));
  CHECK(Cidr::parse("2001:db8::/33")->contains(*IpAddress::parse("2001:db8:7fff::1")));
  CHECK_FALSE(Cidr::parse("192.0.2.0/33"));
}

TEST_CASE("private addresses are told from public ones", "[address]") {
  CHECK(IpAddress::parse("172.31.0.1")->is_private());
  CHECK(IpAddress::parse("100.64.0.1")->is_private());
  CHECK(IpAddress::parse("fd00::1")->is_private());
  CHECK_FALSE(IpAddress::parse("172.32.0.1")->is_private());
  CHECK_FALSE(IpAddress::parse("2001:db8::1")->is_private());
}
