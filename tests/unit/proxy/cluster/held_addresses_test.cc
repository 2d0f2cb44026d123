#include "proxy/cluster/held_addresses.h"

#include <catch2/catch.hpp>

using common::IpAddress;
using proxy::cluster::HeldAddresses;

TEST_CASE("loopback and the address for all are held, a documentation address is not", "[cluster]") {
  common::event::Loop loop;
  const HeldAddresses held{loop, [] {}};
  CHECK(held.holds(*IpAddress::parse("127.0.0.1")));
  CHECK(held.holds(*IpAddress::parse("127.0.0.77")));
  CHECK(held.holds(*IpAddress::parse("::1")));
  CHECK(held.holds(*IpAddress::parse("0.0.0.0")));
  CHECK(held.holds(*IpAddress::parse("::")));
  CHECK_FALSE(held.holds(*IpAddress::parse("192.0.2.1")));
  CHECK_FALSE(held.holds(*IpAddress::parse("2001:db8::1")));
}
