#include <catch2/catch.hpp>

#include "proxy/stage/stages.h"
#include "tests/support/calls.h"

using namespace tests;
using proxy::sip::Message;

namespace {

proxy::trunk::Trunk carrier() {
  proxy::trunk::Trunk trunk;
  trunk.name = "carrier";
  trunk.host = "203.0.113.5";
  return trunk;
}

int answer_of(std::vector<proxy::trunk::Trunk> trunks, const proxy::transport::Flow& flow, const std::string& to,
              const Message& request = of_carrier(bare("INVITE", "sip:bob@example.org"))) {
  CoreScene scene{std::move(trunks)};
  scene.receive(flow, request);
  return scene.take(to).status();
}

}  // namespace

TEST_CASE("a trunk is known by its address, or by those it calls from", "[stage][trunk]") {
  CHECK(answer_of({carrier()}, CoreScene::udp("203.0.113.5:40000"), "203.0.113.5:40000") == 480);
  CHECK(answer_of({carrier()}, CoreScene::udp("203.0.113.7:5060"), "203.0.113.7:5060") == 407);
  auto with_sources = carrier();
  with_sources.sources = {*common::Cidr::parse("203.0.113.0/24")};
  CHECK(answer_of({with_sources}, CoreScene::udp("203.0.113.7:5060"), "203.0.113.7:5060") == 480);
}

TEST_CASE("a TLS trunk is not recognised by an address that a datagram may have forged", "[stage][attack]") {
  auto secure = carrier();
  secure.transport = proxy::transport::Kind::Tls;
  CHECK(answer_of({secure}, CoreScene::udp(kCarrier), kCarrier) == 407);
}

TEST_CASE("a browser is no trunk, wherever it sits", "[stage][attack]") {
  auto flow = CoreScene::wss(11);
  flow.remote = *common::SocketAddress::parse(kCarrier);
  CHECK(answer_of({carrier()}, flow, "flow 11") == 407);
}

TEST_CASE("who says to be a user of ours proves it, also at the address of a trunk", "[stage][attack]") {
  const Message as_alice = bare("INVITE", "sip:bob@example.org");
  CHECK(answer_of({carrier()}, CoreScene::udp(kCarrier), kCarrier, as_alice) == 407);
  auto with_sources = carrier();
  with_sources.sources = {*common::Cidr::parse("203.0.113.5/32")};  // these are the trunk's alone
  CHECK(answer_of({with_sources}, CoreScene::udp(kCarrier), kCarrier, as_alice) == 480);
}

TEST_CASE("a trunk that called over a connection is called back where it listens", "[stage][trunk]") {
  auto by_tcp = carrier();
  by_tcp.transport = proxy::transport::Kind::Tcp;
  by_tcp.port = 5080;
  CoreScene scene{{by_tcp}};
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  const auto flow = CoreScene::tcp("203.0.113.5:40000", 31);
  scene.receive(flow, invite("+49", "sip:bob@example.org", "sip:gw@carrier.example"));
  const Message rung = scene.take("flow 11");
  scene.receive(kBrowser, answer(rung, 200, "b", "sip:x@y.invalid", "v=0\r\n"));
  scene.receive(flow, from_caller("ACK", scene.take("flow 31"), 7));
  scene.receive(kBrowser, from_callee("BYE", rung, "b", 2));
  CHECK(scene.take("203.0.113.5:5080").is("BYE"));
}

TEST_CASE("a trunk with subjects is known by its certificate, and by nothing else", "[stage][attack][rfc5922]") {
  auto trunk = carrier();
  trunk.transport = proxy::transport::Kind::Tls;
  trunk.tls_subjects = {"first.example", "gw.carrier.example"};
  auto flow = CoreScene::tcp("198.51.100.9:40000", 31);
  flow.kind = proxy::transport::Kind::Tls;
  std::string domain = "gw.carrier.example";
  int expected = 480;
  SECTION("its own certificate, from anywhere") {}
  SECTION("no certificate, at its address") {
    domain.clear();
    flow.remote = *common::SocketAddress::parse("203.0.113.5:40000");
    expected = 407;
  }
  SECTION("another's certificate") {
    domain = "carrier.example";
    expected = 407;
  }
  SECTION("its own from where it may not call") {
    trunk.sources = {*common::Cidr::parse("203.0.113.0/24")};
    expected = 407;
  }
  SECTION("no certificate from where it may call") {
    trunk.sources = {*common::Cidr::parse("198.51.100.9/32")};
    domain.clear();
    expected = 407;
  }
  CoreScene scene{{trunk}};
  if (!domain.empty()) scene.sender.certificates.insert({flow.connection, domain});
  scene.receive(flow, of_carrier(bare("INVITE", "sip:bob@example.org")));
  CHECK(scene.take("flow 31").status() == expected);
}

TEST_CASE("inside a dialog too a trunk with subjects shows its certificate", "[stage][attack][rfc5922]") {
  auto trunk = carrier();
  trunk.tls_subjects = {"gw.carrier.example"};
  CoreScene scene{{trunk}};
  const Message out = call_out(scene);
  scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  CHECK(scene.take(kPhone).status() == 200);
  auto flow = CoreScene::tcp("203.0.113.5:40000", 31);
  flow.kind = proxy::transport::Kind::Tls;
  const Message bye = from_callee("BYE", out, "t1", 5);
  SECTION("its address is not enough") {
    scene.receive(CoreScene::udp(kCarrier), bye);
    CHECK(scene.take(kCarrier).status() == 403);
    CHECK(scene.nothing_to(kPhone));
  }
  SECTION("nor is a connection without one") {
    scene.receive(flow, bye);
    CHECK(scene.take("flow 31").status() == 403);
    CHECK(scene.nothing_to(kPhone));
  }
  SECTION("a connection with it is the trunk's") {
    scene.sender.certificates.insert({flow.connection, "gw.carrier.example"});
    scene.receive(flow, bye);
    CHECK(scene.take(kPhone).is("BYE"));
  }
  SECTION("so is one that we have opened to its host") {
    scene.sender.certificates.insert({flow.connection, "203.0.113.5"});
    scene.receive(flow, bye);
    CHECK(scene.take(kPhone).is("BYE"));
  }
}
