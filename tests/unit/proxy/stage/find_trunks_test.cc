#include <catch2/catch.hpp>
#include <set>

#include "proxy/stage/stages.h"
#include "tests/support/calls.h"

using namespace tests;
using proxy::sip::Message;

namespace {

proxy::trunk::Trunk trunk_at(const std::string& host, const std::string& name = "carrier") {
  proxy::trunk::Trunk trunk;
  trunk.name = name;
  trunk.host = host;
  return trunk;
}

/// Alice calls a number; what she hears first is left to be taken.
void call(CoreScene& scene, const std::string& uri = "sip:+4930123@example.org") {
  const Message request = invite("alice", uri, "sip:alice@192.0.2.99");
  scene.receive(CoreScene::udp(kPhone), request);
  scene.receive(CoreScene::udp(kPhone), scene.with_credentials(request, scene.take(kPhone), "alice"));
}

}  // namespace

TEST_CASE("a trunk is called at its host, port and transport", "[stage][trunk]") {
  auto trunk = trunk_at("203.0.113.5");
  SECTION("the usual ones") {
    CoreScene scene{{trunk}};
    call(scene);
    CHECK(scene.take("203.0.113.5:5060").request_uri() == "sip:+4930123@203.0.113.5");
  }
  SECTION("others") {
    trunk.port = 5080;
    trunk.transport = proxy::transport::Kind::Tcp;
    CoreScene scene{{trunk}};
    call(scene);
    CHECK(scene.take("203.0.113.5:5080").request_uri() == "sip:+4930123@203.0.113.5:5080;transport=tcp");
  }
}

TEST_CASE("a trunk that cannot be found, or not be spoken with, is passed over", "[stage][trunk]") {
  auto first = trunk_at("nowhere.example", "first");
  SECTION("a name that is none") {}
  SECTION("a transport without a listener") {
    first.host = "203.0.113.9";
    first.transport = proxy::transport::Kind::Tls;
  }
  CoreScene scene{{first, trunk_at("203.0.113.6", "second")}};
  call(scene);
  CHECK(scene.take("203.0.113.6:5060").is("INVITE"));
  CHECK(scene.nothing_to("203.0.113.9:5061"));
}

TEST_CASE("where no trunk is left the caller may try again later", "[stage][trunk]") {
  CoreScene scene{{trunk_at("nowhere.example")}};
  call(scene);
  const Message failure = scene.take(kPhone);
  CHECK(failure.status() == 503);
  CHECK(failure.reason() == "No Trunk Reachable");
  CHECK(failure.get("Retry-After") == "10");
}

TEST_CASE("a number that no route matches leads nowhere", "[stage]") {
  CoreScene scene;
  scene.administration->router = proxy::routing::Router{};
  call(scene);
  CHECK(scene.take(kPhone).status() == 404);
}

TEST_CASE("a trunk of a route that is not configured any more is passed over", "[stage]") {
  CoreScene scene;
  scene.administration->trunks = proxy::trunk::TrunkTable{{trunk_at("203.0.113.6", "second")}};
  call(scene);
  CHECK(scene.take(kSecond).is("INVITE"));
  CHECK(scene.nothing_to(kCarrier));
}

TEST_CASE("a called number has the form that the trunk wants, whatever the next one wants", "[stage][trunk]") {
  auto first = trunk_at("203.0.113.5", "first");
  first.number_format = proxy::routing::NumberFormat::National;
  first.number_rewrite = {1, "9"};
  auto second = trunk_at("203.0.113.6", "second");
  second.number_format = proxy::routing::NumberFormat::E164NoPlus;
  CoreScene scene{{first, second}};
  auto& router = scene.administration->router;
  router = proxy::routing::Router{{"49", "00", "0"}, router.routes()};
  call(scene, "sip:030-123@example.org");
  const Message out = scene.take("203.0.113.5:5060");
  CHECK(out.request_uri() == "sip:930123@203.0.113.5");
  scene.receive(CoreScene::udp("203.0.113.5:5060"), answer(out, 503, "t"));
  CHECK(scene.take("203.0.113.5:5060").is("ACK"));
  CHECK(scene.take("203.0.113.6:5060").request_uri() == "sip:4930123@203.0.113.6");
}

TEST_CASE("one call has one weighted order, another one another", "[stage][trunk]") {
  std::set<std::string> firsts;
  for (int i = 0; i < 12; ++i) {
    CoreScene scene{{trunk_at("203.0.113.5", "a"), trunk_at("203.0.113.6", "b")}};
    proxy::routing::Route route;
    route.name = "r";
    route.choices = {{"a", 0, 1}, {"b", 0, 1}};
    scene.administration->router = proxy::routing::Router{{}, {route}};
    Message request = invite("alice", "sip:+49@example.org", "sip:alice@192.0.2.99");
    request.set("Call-ID", "weighted-" + std::to_string(i));
    scene.receive(CoreScene::udp(kPhone), request);
    scene.receive(CoreScene::udp(kPhone), scene.with_credentials(request, scene.take(kPhone), "alice"));
    firsts.insert(scene.nothing_to("203.0.113.5:5060") ? "b" : "a");
  }
  CHECK(firsts == std::set<std::string>{"a", "b"});
}
