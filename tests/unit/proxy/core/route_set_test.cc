#include "proxy/core/route_set.h"

#include <catch2/catch.hpp>

#include "proxy/core/target.h"
#include "tests/support/sip_messages.h"

using namespace proxy::core;
using proxy::sip::Message;
using proxy::transport::Kind;

namespace {

const common::SocketAddress kOwn = *common::SocketAddress::parse("198.51.100.1:5060");
const Listeners kListeners{{"example.org"}, {{Kind::Udp, kOwn, kOwn}}};

Message with_routes(std::initializer_list<const char*> routes) {
  Message message = tests::sip_request("BYE");
  message.remove("Route");
  for (const char* route : routes) message.append("Route", route);
  return message;
}

}  // namespace

TEST_CASE("our own Route is taken off, others stay", "[core][rfc3261]") {
  Message ours = with_routes({"<sip:cookie@198.51.100.1:5060;lr>", "<sip:next.example;lr>"});
  CHECK(take_own_route(ours, kListeners) == "cookie");
  CHECK(ours.all("Route") == std::vector<std::string>{"<sip:next.example;lr>"});

  Message theirs = with_routes({"<sip:next.example;lr>"});
  CHECK(take_own_route(theirs, kListeners).empty());
  CHECK(theirs.all("Route").size() == 1);
}

TEST_CASE("a strict router's request is put right, RFC 3261 16.4", "[core][rfc3261]") {
  Message strict = with_routes({"<sip:other.example;lr>", "<sip:bob@192.0.2.4>"});
  strict.set_request_uri("sip:cookie@198.51.100.1:5060;lr");
  CHECK(take_own_route(strict, kListeners) == "cookie");
  CHECK(strict.request_uri() == "sip:bob@192.0.2.4");
  CHECK(strict.all("Route") == std::vector<std::string>{"<sip:other.example;lr>"});
}

TEST_CASE("our Record-Route is found by its cookie among others and replaced in place", "[core][rfc3261]") {
  Message response = tests::sip_response(tests::sip_request("INVITE"), 200);
  for (const char* value : {"<sip:behind.example;lr>", "<sip:old@198.51.100.1:5060;lr>", "<sip:before.example;lr>"}) {
    response.append("Record-Route", value);
  }
  const auto split = split_record_routes(response, "old");
  CHECK(split.above == std::vector<std::string>{"<sip:behind.example;lr>"});
  CHECK(split.below == std::vector<std::string>{"<sip:before.example;lr>"});
  CHECK(replace_record_route(response, "old", record_route(kListeners.at({0}), "new", false)));
  CHECK(response.all("Record-Route")[1] == "<sip:new@198.51.100.1:5060;lr>");
  CHECK_FALSE(replace_record_route(response, "old", "x"));
}

TEST_CASE("only an address of the same trunk is a next hop besides the sealed one", "[core][attack]") {
  proxy::trunk::Trunk trunk;
  trunk.name = "carrier";
  trunk.host = "203.0.113.5";
  trunk.sources = {*common::Cidr::parse("203.0.113.0/28")};
  proxy::trunk::Trunk other = trunk;
  other.name = "other";
  other.sources = {*common::Cidr::parse("203.0.113.64/28")};
  const proxy::trunk::TrunkTable trunks{{trunk, other}};
  const Peer peer = peer_of(trunk, proxy::transport::Kind::Udp, *common::SocketAddress::parse("203.0.113.5:5060"), {});
  Message message = with_routes({});
  const auto hop_for = [&](std::string_view uri) {
    message.set_request_uri(uri);
    return named_hop(message, peer, trunks);
  };
  REQUIRE(hop_for("sip:gw@203.0.113.9:5080"));
  CHECK(remote_of(*hop_for("sip:gw@203.0.113.9:5080")).to_string() == "203.0.113.9:5080");
  CHECK_FALSE(hop_for("sip:gw@203.0.113.65"));
  CHECK_FALSE(hop_for("sip:gw@192.0.2.1"));
  CHECK_FALSE(hop_for("sip:gw@gw.carrier.example"));
}
