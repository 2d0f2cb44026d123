#include "proxy/trunk/trunk.h"

#include <catch2/catch.hpp>

using namespace proxy::trunk;

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
  table.learn_addresses("named", {ip("203.0.113.5")});
  CHECK(table.by_source(ip("203.0.113.5"))->name == "named");
  table.learn_addresses("named", {ip("203.0.113.6")});
  CHECK(table.by_source(ip("203.0.113.5")) == nullptr);
}

TEST_CASE("inbound numbers map to users, or are users themselves", "[trunk]") {
  Trunk t = trunk("a", "192.0.2.1");
  const TrunkTable table{{t}};
  CHECK(table.inbound_user(t, "alice") == "alice");
  t.inbound = {{*proxy::routing::Pattern::parse("+4930*"), "reception"}};
  CHECK(table.inbound_user(t, "+493011") == "reception");
  CHECK_FALSE(table.inbound_user(t, "+4411"));
}

TEST_CASE("ports and TLS names have the transport's defaults", "[trunk]") {
  Trunk t = trunk("a", "sip.example.net");
  CHECK(t.effective_port() == 5060);
  t.transport = proxy::transport::Kind::Tls;
  CHECK(t.effective_port() == 5061);
  CHECK(t.effective_tls_name() == "sip.example.net");
  t.port = 15061;
  CHECK(t.effective_port() == 15061);
  CHECK(TrunkTable{{t}}.find("a") != nullptr);
  CHECK(TrunkTable{{t}}.find("b") == nullptr);
}
