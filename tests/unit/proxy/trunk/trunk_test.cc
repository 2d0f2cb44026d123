#include "proxy/trunk/trunk.h"

#include <catch2/catch.hpp>

using namespace proxy::trunk;
using proxy::transport::Kind;

namespace {

common::IpAddress ip(std::string_view text) { return *common::IpAddress::parse(text); }

Trunk trunk(std::string name, std::string host) {
  Trunk t;
  t.name = std::move(name);
  t.host = std::move(host);
  return t;
}

}  // namespace

TEST_CASE("a trunk is recognised by its sources, else by its own addresses", "[trunk]") {
  Trunk carrier = trunk("carrier", "192.0.2.9");
  carrier.sources = {*common::Cidr::parse("198.51.100.0/24")};
  TrunkTable table{{trunk("pbx", "192.0.2.1"), carrier, trunk("named", "sip.example.net")}};
  CHECK(table.by_source(ip("192.0.2.1"))->name == "pbx");
  CHECK(table.by_source(ip("198.51.100.77"))->name == "carrier");
  CHECK(table.by_source(ip("192.0.2.9")) == nullptr);
  CHECK(table.by_source(ip("203.0.113.5")) == nullptr);
  const Trunk known_by_name = trunk("named", "sip.example.net");
  table.learn(known_by_name, {{Kind::Udp, {ip("203.0.113.5"), {5060}}, "named"}});
  CHECK(table.by_source(ip("203.0.113.5"))->name == "named");
  table.learn(known_by_name, {{Kind::Udp, {ip("203.0.113.6"), {5060}}, "named"}});
  CHECK(table.by_source(ip("203.0.113.5")) == nullptr);
}

TEST_CASE("what was learnt of another host is trusted no longer", "[trunk][attack]") {
  const Trunk before = trunk("carrier", "old.example.net");
  const Trunk after = trunk("carrier", "new.example.net");
  TrunkTable old_table{{before}};
  old_table.learn(before, {{Kind::Udp, {ip("203.0.113.5"), {5060}}, "old.example.net"}});
  TrunkTable same{{before}};
  same.keep_learnt(old_table);
  CHECK(same.by_source(ip("203.0.113.5")) != nullptr);
  TrunkTable moved{{after}};
  moved.keep_learnt(old_table);
  CHECK(moved.by_source(ip("203.0.113.5")) == nullptr);
  moved.learn(before, {{Kind::Udp, {ip("203.0.113.5"), {5060}}, "old.example.net"}});
  CHECK(moved.by_source(ip("203.0.113.5")) == nullptr);
}

TEST_CASE("inbound numbers map to users, or are users themselves", "[trunk]") {
  Trunk t = trunk("a", "192.0.2.1");
  const TrunkTable table{{t}};
  CHECK(table.inbound_user(t, "alice") == "alice");
  t.inbound = {{*proxy::routing::Pattern::parse("+4930*"), "reception"}};
  CHECK(table.inbound_user(t, "+493011") == "reception");
  CHECK_FALSE(table.inbound_user(t, "+4411"));
}

TEST_CASE("the certificate's name is the host unless another one is given", "[trunk]") {
  Trunk t = trunk("a", "sip.example.net");
  CHECK(t.effective_tls_name() == "sip.example.net");
  t.tls_name = "example.net";
  CHECK(t.effective_tls_name() == "example.net");
  CHECK(TrunkTable{{t}}.find("a") != nullptr);
  CHECK(TrunkTable{{t}}.find("b") == nullptr);
}

TEST_CASE("a trunk's URI says what is configured and leaves the rest to the DNS", "[trunk]") {
  Trunk t = trunk("a", "sip.example.net");
  CHECK(t.uri("+4930 1") == "sip:+4930%201@sip.example.net");
  CHECK(t.uri({}) == "sip:sip.example.net");
  t.transport = Kind::Tcp;
  t.port = 5070;
  CHECK(t.uri("100") == "sip:100@sip.example.net:5070;transport=tcp");
  CHECK(t.uri("100", true) == "sips:100@sip.example.net:5070");
  t = trunk("b", "2001:db8::1");
  t.transport = Kind::Udp;
  CHECK(t.uri("100") == "sip:100@[2001:db8::1]");
}

TEST_CASE("media keys keep a trunk to encrypted places unless told otherwise", "[trunk]") {
  Trunk t = trunk("a", "sip.example.net");
  CHECK_FALSE(t.wanted().secure);
  t.srtp = SrtpPolicy::SdesRequired;
  CHECK(t.wanted().secure);
  t.allow_sdes_without_tls = true;
  CHECK_FALSE(t.wanted().secure);
  t.transport = Kind::Tls;
  CHECK(t.wanted().secure);
}

TEST_CASE("requests to who called over a connection go to where it listens", "[trunk]") {
  Trunk t = trunk("a", "sip.example.net");
  TrunkTable table{{t}};
  CHECK(table.listening_at(t, ip("203.0.113.5"), Kind::Tls).port.value == 5061);
  table.learn(t, {{Kind::Tls, {ip("203.0.113.5"), {15061}}, "x"}, {Kind::Tcp, {ip("203.0.113.5"), {15060}}, "x"}});
  CHECK(table.listening_at(t, ip("203.0.113.5"), Kind::Tls).port.value == 15061);
  CHECK(table.listening_at(t, ip("203.0.113.5"), Kind::Tcp).port.value == 15060);
  t.port = 5080;
  CHECK(table.listening_at(t, ip("203.0.113.6"), Kind::Tcp).port.value == 5080);
}

TEST_CASE("a domain leads to the trunk that registers its users", "[trunk][rfc5626]") {
  Trunk plain;
  plain.name = "carrier";
  Trunk registrar;
  registrar.name = "pbx";
  registrar.registrar_of = {"pbx.example", "voice.example"};
  const TrunkTable table{{plain, registrar}};
  REQUIRE(table.registrar_of("Voice.Example") != nullptr);
  CHECK(table.registrar_of("Voice.Example")->name == "pbx");
  CHECK(table.registrar_of("carrier.example") == nullptr);
}
