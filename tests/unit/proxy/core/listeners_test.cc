#include "proxy/core/listeners.h"

#include <catch2/catch.hpp>

using namespace proxy::core;
using proxy::transport::Kind;

namespace {

common::SocketAddress address(std::string_view text) { return *common::SocketAddress::parse(text); }

Listeners listeners() {
  return Listeners{{"example.org", "192.0.2.10"},
                   {{Kind::Udp, address("10.0.0.1:5060"), address("192.0.2.10:5060")},
                    {Kind::Udp, address("[2001:db8::1]:5060"), address("[2001:db8::1]:5060")},
                    {Kind::Tls, address("10.0.0.1:5061"), address("192.0.2.10:5061")}}};
}

bool serves(std::string_view uri) { return listeners().serves(*proxy::sip::Uri::parse(uri)); }

}  // namespace

TEST_CASE("a URI is for us if it names a domain or an address of ours", "[core]") {
  CHECK(serves("sip:bob@EXAMPLE.org"));
  CHECK(serves("sip:bob@192.0.2.10:5070"));
  CHECK(serves("sip:bob@10.0.0.1"));
  CHECK(serves("sip:bob@[2001:db8:0::1]"));
  CHECK_FALSE(serves("sip:bob@example.com"));
  CHECK_FALSE(serves("sip:bob@192.0.2.11"));
  CHECK_FALSE(serves("tel:+4930"));
}

TEST_CASE("a hop is ours if host and port are, the port being the scheme's own where none is written", "[core]") {
  const Listeners ours = listeners();
  CHECK(ours.is_own_hop("192.0.2.10", 5060, false));
  CHECK(ours.is_own_hop("192.0.2.10", 0, false));
  CHECK(ours.is_own_hop("192.0.2.10", 0, true));
  CHECK(ours.is_own_hop("example.org", 5061, true));
  CHECK_FALSE(ours.is_own_hop("192.0.2.10", 5080, false));
  CHECK_FALSE(ours.is_own_hop("other.example", 5060, false));
}

TEST_CASE("the listener of the address family comes before others of its transport", "[core]") {
  const Listeners ours = listeners();
  CHECK(ours.find(Kind::Udp, common::IpAddress::Family::V6)->value == 1);
  CHECK(ours.find(Kind::Tls, common::IpAddress::Family::V6)->value == 2);
  CHECK_FALSE(ours.find(Kind::Wss, common::IpAddress::Family::V4));
}

TEST_CASE("of several addresses a request leaves by the one it came to, whatever transport it changes to", "[core]") {
  const Listeners pair{{"example.org"},
                       {{Kind::Udp, address("192.0.2.1:5060"), address("192.0.2.1:5060")},
                        {Kind::Udp, address("192.0.2.2:5060"), address("192.0.2.2:5060")},
                        {Kind::Wss, address("192.0.2.2:8443"), address("192.0.2.2:8443")},
                        {Kind::Udp, address("[2001:db8::1]:5060"), address("[2001:db8::1]:5060")},
                        {Kind::Tls, address("192.0.2.1:5061"), address("192.0.2.1:5061")}}};
  using Family = common::IpAddress::Family;
  CHECK(pair.find(Kind::Udp, Family::V4, {0})->value == 0);
  CHECK(pair.find(Kind::Udp, Family::V4, {1})->value == 1);
  CHECK(pair.find(Kind::Udp, Family::V4, {2})->value == 1);
  CHECK(pair.find(Kind::Udp, Family::V6, {1})->value == 3);
  CHECK(pair.find(Kind::Tls, Family::V4, {2})->value == 4);
  CHECK_FALSE(pair.find(Kind::Tcp, Family::V4, {1}));
}
