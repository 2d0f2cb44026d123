#include "proxy/registrar/registrar.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "common/time/manual_clock.h"
#include "proxy/store/memory_location_store.h"

using namespace proxy;
using namespace proxy::registrar;
using namespace std::chrono_literals;

namespace {

struct Bench {
  store::MemoryLocationStore store;
  Registrar registrar{{.max_bindings_per_aor = 3, .tenant = {}}, store};
  common::ManualClock clock;
  std::uint32_t cseq = 0;

  RegisterRequest request(std::vector<Contact> contacts, std::uint64_t connection = 1) {
    RegisterRequest r;
    r.aor = "sip:alice@example.org";
    r.call_id = "call-1";
    r.cseq = ++cseq;
    r.contacts = std::move(contacts);
    r.flow.kind = transport::Kind::Wss;
    r.flow.connection = transport::ConnectionId{connection};
    return r;
  }
  RegisterReply send(RegisterRequest r) {
    std::optional<RegisterReply> reply;
    registrar.on_register(std::move(r), clock.now(), common::WallTime{784111777000ms},
                          [&](RegisterReply answer) { reply = std::move(answer); });
    REQUIRE(reply);
    return *reply;
  }
  std::vector<store::Binding> bindings() {
    std::vector<store::Binding> out;
    store.load("sip:alice@example.org", clock.now(), [&](auto record) { out = record->bindings; });
    return out;
  }
};

Contact contact(std::string user, std::optional<std::uint32_t> expires = std::nullopt) {
  Contact c;
  c.uri = "sip:" + user + "@host.invalid;transport=ws";
  c.user = std::move(user);
  c.expires = expires;
  return c;
}

Contact outbound(std::string instance, std::uint32_t reg_id) {
  Contact c = contact("x");
  c.instance = std::move(instance);
  c.reg_id = reg_id;
  return c;
}

std::vector<std::string> values(const RegisterReply& reply, std::string_view name) {
  std::vector<std::string> out;
  for (const auto& [key, value] : reply.headers) {
    if (key == name) out.push_back(value);
  }
  return out;
}

}  // namespace

TEST_CASE("a registration lists every binding with what is left of its time, and the date", "[registrar]") {
  Bench bench;
  CHECK(bench.send(bench.request({contact("a", 120)})).status == 200);
  bench.clock.advance(20s);
  const auto reply = bench.send(bench.request({contact("b")}));
  CHECK(reply.status == 200);
  const auto contacts = values(reply, "Contact");
  REQUIRE(contacts.size() == 2);
  CHECK(contacts[0] == "<sip:a@host.invalid;transport=ws>;expires=100");
  CHECK(contacts[1] == "<sip:b@host.invalid;transport=ws>;expires=600");
  CHECK(values(reply, "Date") == std::vector<std::string>{"Sun, 06 Nov 1994 08:49:37 GMT"});
}

TEST_CASE("a REGISTER without Contact only asks", "[registrar]") {
  Bench bench;
  bench.send(bench.request({contact("a")}));
  const auto reply = bench.send(bench.request({}));
  CHECK(values(reply, "Contact").size() == 1);
  CHECK(bench.bindings().size() == 1);
}

TEST_CASE("expiry follows contact, header, default; too brief is 423, too long is cut", "[registrar]") {
  Bench bench;
  auto r = bench.request({contact("a"), contact("b", 90)});
  r.expires = 300;
  const auto contacts = values(bench.send(std::move(r)), "Contact");
  CHECK(contacts[0].ends_with("expires=300"));
  CHECK(contacts[1].ends_with("expires=90"));
  const auto brief = bench.send(bench.request({contact("c", 30)}));
  CHECK(brief.status == 423);
  CHECK(values(brief, "Min-Expires") == std::vector<std::string>{"60"});
  CHECK(values(bench.send(bench.request({contact("d", 99999)})), "Contact").back().ends_with("expires=3600"));
}

TEST_CASE("a request that fails half way changes nothing", "[registrar]") {
  Bench bench;
  CHECK(bench.send(bench.request({contact("a"), contact("b", 1)})).status == 423);
  CHECK(bench.bindings().empty());
}

TEST_CASE("expires 0 removes one binding, the wildcard all of them", "[registrar]") {
  Bench bench;
  bench.send(bench.request({contact("a"), contact("b")}));
  bench.send(bench.request({contact("a", 0)}));
  REQUIRE(bench.bindings().size() == 1);
  CHECK(bench.bindings()[0].contact.starts_with("sip:b@"));
  Contact all;
  all.uri = "*";
  CHECK(bench.send(bench.request({all})).status == 400);
  auto r = bench.request({all, contact("b")});
  r.expires = 0;
  CHECK(bench.send(std::move(r)).status == 400);
  r = bench.request({all});
  r.expires = 0;
  CHECK(bench.send(std::move(r)).status == 200);
  CHECK(bench.bindings().empty());
}

TEST_CASE("an old CSeq of the same Call-ID is refused, another Call-ID goes by arrival", "[registrar]") {
  Bench bench;
  auto first = bench.request({contact("a")});
  auto repeat = first;
  CHECK(bench.send(std::move(first)).status == 200);
  CHECK(bench.send(repeat).status == 500);
  repeat.call_id = "call-2";
  repeat.cseq = 1;
  CHECK(bench.send(repeat).status == 200);
  CHECK(bench.bindings().size() == 1);
}

TEST_CASE("bindings of an address are limited", "[registrar]") {
  Bench bench;
  CHECK(bench.send(bench.request({contact("a"), contact("b"), contact("c")})).status == 200);
  CHECK(bench.send(bench.request({contact("d")})).status == 403);
  CHECK(bench.send(bench.request({contact("a")})).status == 200);
  CHECK(bench.bindings().size() == 3);
}

TEST_CASE("Path is stored and repeated, and refused if the sender does not know it", "[registrar][rfc3327]") {
  Bench bench;
  auto r = bench.request({contact("a")});
  r.path = {"<sip:p1.example.org;lr>", "<sip:p2.example.org;lr>"};
  CHECK(bench.send(r).status == 421);
  r.supports_path = true;
  CHECK(values(bench.send(r), "Path") == r.path);
  CHECK(bench.bindings()[0].path == r.path);
}

TEST_CASE("an outbound registration replaces its own flow and says so", "[registrar][rfc5626]") {
  Bench bench;
  const std::string device = "<urn:uuid:00000000-0000-1000-8000-000A95A0E128>";
  auto r = bench.request({outbound(device, 1)}, 1);
  r.supports_outbound = true;
  const auto reply = bench.send(r);
  CHECK(values(reply, "Require") == std::vector<std::string>{"outbound"});
  CHECK(values(reply, "Flow-Timer") == std::vector<std::string>{"120"});
  CHECK(values(reply, "Contact")[0].find(";+sip.instance=\"" + device + "\";reg-id=1") != std::string::npos);
  bench.send(bench.request({outbound(device, 2)}, 2));
  CHECK(bench.bindings().size() == 2);
  bench.send(bench.request({outbound(device, 1)}, 3));
  CHECK(bench.bindings().size() == 2);
}

TEST_CASE("outbound is not required when a proxy stands between", "[registrar][rfc5626]") {
  Bench bench;
  auto r = bench.request({outbound("<urn:x>", 1)});
  r.supports_outbound = true;
  r.first_hop = false;
  CHECK(values(bench.send(r), "Require").empty());
}

TEST_CASE("a late close of an old connection never removes the new binding", "[registrar]") {
  Bench bench;
  bench.send(bench.request({contact("a")}, 1));
  const auto old = bench.store.on_connection(transport::ConnectionId{1});
  REQUIRE(old.size() == 1);
  bench.send(bench.request({contact("a")}, 2));
  bench.registrar.on_connection_closed(old);
  CHECK(bench.bindings().size() == 1);
  bench.registrar.on_connection_closed(bench.store.on_connection(transport::ConnectionId{2}));
  CHECK(bench.bindings().empty());
  CHECK(bench.registrar.counters().dropped_with_connection == 1);
}

TEST_CASE("flow ids are stable per device and differ between devices, accounts and tenants", "[registrar]") {
  Bench bench;
  const auto id = [&](const std::string& aor, const Contact& c) { return bench.registrar.flow_id(aor, c); };
  const std::string alice = "sip:alice@example.org";
  CHECK(id(alice, contact("a")) == id(alice, contact("a")));
  CHECK(id(alice, contact("a")).size() == 16);
  CHECK(id(alice, contact("a")) != id(alice, contact("b")));
  CHECK(id(alice, contact("a")) != id("sip:bob@example.org", contact("a")));
  CHECK(id(alice, outbound("<urn:x>", 1)) != id(alice, outbound("<urn:x>", 2)));
  Contact desk = contact("alice");
  Contact kitchen = desk;
  kitchen.uri = "sip:alice@192.0.2.7:5060";
  CHECK(id(alice, desk) != id(alice, kitchen));
  Registrar other{{.tenant = "t2"}, bench.store};
  CHECK(other.flow_id(alice, contact("a")) != id(alice, contact("a")));
}

TEST_CASE("of two contacts with one flow id in a request the last one counts", "[registrar]") {
  Bench bench;
  Contact first = contact("phone");
  first.uri = "sip:phone@one.invalid";
  Contact second = contact("phone");
  second.uri = "sip:phone@two.invalid";
  CHECK(bench.send(bench.request({first, second})).status == 200);
  REQUIRE(bench.bindings().size() == 1);
  CHECK(bench.bindings()[0].contact == "sip:phone@two.invalid");
}

TEST_CASE("an outbound registration through a first hop that keeps no flows is refused", "[registrar][rfc5626]") {
  Bench bench;
  RegisterRequest request = bench.request({outbound("urn:uuid:1", 1)});
  request.supports_path = request.supports_outbound = true;
  request.first_hop = false;
  request.path = {"<sip:edge.example;lr>"};
  CHECK(bench.send(request).status == 439);
  CHECK(bench.bindings().empty());
  request.edge_outbound = true;
  const RegisterReply accepted = bench.send(request);
  CHECK(accepted.status == 200);
  CHECK(std::ranges::find(accepted.headers, std::pair<std::string, std::string>{"Require", "outbound"}) !=
        accepted.headers.end());
}
