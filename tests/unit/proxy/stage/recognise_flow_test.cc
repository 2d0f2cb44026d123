#include <catch2/catch.hpp>

#include "proxy/stage/stages.h"
#include "tests/support/calls.h"

using namespace tests;
using proxy::sip::Message;

namespace {

/// Alice calls over this flow and is answered; gives the INVITE as her trunk got it.
Message answered_call(CoreScene& scene, const proxy::transport::Flow& flow, const std::string& name) {
  const Message request = invite("alice", "sip:+4930123@example.org", "sip:a@a.invalid");
  scene.receive(flow, request);
  scene.receive(flow, scene.with_credentials(request, scene.take(name), "alice"));
  Message out = scene.take(kCarrier);
  scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  CHECK(scene.take(name).status() == 200);
  return out;
}

}  // namespace

TEST_CASE("a caller that is registered over its flow is found over the one that it has by then", "[stage][rfc5626]") {
  CoreScene scene;
  scene.register_user("alice", "sip:a@a.invalid", CoreScene::wss(41));
  CHECK(scene.take("flow 41").status() == 200);
  const Message out = answered_call(scene, CoreScene::wss(41), "flow 41");
  scene.register_user("alice", "sip:a@a.invalid", CoreScene::wss(42));
  CHECK(scene.take("flow 42").status() == 200);
  scene.receive(CoreScene::udp(kCarrier), from_callee("BYE", out, "t1", 1));
  CHECK(scene.take("flow 42").is("BYE"));
  CHECK(scene.nothing_to("flow 41"));
}

TEST_CASE("a caller that is registered elsewhere, or nowhere, is found where it called from", "[stage][rfc5626]") {
  CoreScene scene;
  SECTION("elsewhere") {
    scene.register_user("alice", "sip:a@a.invalid", CoreScene::wss(42));
    CHECK(scene.take("flow 42").status() == 200);
  }
  SECTION("nowhere") {}
  const Message out = answered_call(scene, CoreScene::wss(41), "flow 41");
  scene.receive(CoreScene::udp(kCarrier), from_callee("BYE", out, "t1", 1));
  CHECK(scene.take("flow 41").is("BYE"));
  CHECK(scene.nothing_to("flow 42"));
}
