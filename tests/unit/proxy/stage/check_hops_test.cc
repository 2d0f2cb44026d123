#include <catch2/catch.hpp>

#include "proxy/stage/stages.h"
#include "tests/support/calls.h"

using namespace tests;
using proxy::sip::Message;

namespace {

/// A Via of ours that a request has brought back, with what its branch says of loops.
std::string own_via(proxy::core::LoopHash loop, unsigned depth, std::string_view sent_by = "198.51.100.1:5060") {
  const common::Bytes key(32, 1);
  return "SIP/2.0/UDP " + std::string{sent_by} + ";branch=" + proxy::core::make_branch(key, {}, loop, depth);
}

int answer_with_via(const std::string& via) {
  Message request = of_carrier(bare("INVITE", "sip:bob@example.org"));
  request.append("Via", via);
  return first_answer(kCarrier, request);
}

}  // namespace

TEST_CASE("a request without hops left goes nowhere, whatever it wants", "[stage][rfc3261]") {
  for (const auto* method : {"INVITE", "MESSAGE", "REGISTER", "OPTIONS"}) {
    Message tired = of_carrier(bare(method, "sip:bob@example.org"));
    tired.set("Max-Forwards", "0");
    CHECK(first_answer(kCarrier, tired) == 483);
    tired.set("Max-Forwards", "000");
    CHECK(first_answer(kCarrier, tired) == 483);
  }
  Message last = of_carrier(bare("INVITE", "sip:bob@example.org"));
  last.set("Max-Forwards", "1");
  CHECK(first_answer(kCarrier, last) == 480);
}

TEST_CASE("a request that comes back the same way is a loop", "[stage][rfc5393]") {
  CoreScene scene;
  scene.bind("bob", "sip:bob@192.0.2.77", CoreScene::udp("192.0.2.77:5060"));
  scene.bind("alice", "sip:alice@192.0.2.77", CoreScene::udp("192.0.2.77:5060"));
  scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  Message back = scene.take("192.0.2.77:5060");
  back.remove("Record-Route");
  SECTION("for the same user") {
    back.set_request_uri("sip:bob@example.org");
    scene.receive(CoreScene::udp(kCarrier), back);
    CHECK(scene.take(kCarrier).status() == 482);
  }
  SECTION("but not when it was sent on to somebody else") {
    back.set_request_uri("sip:alice@example.org");
    scene.receive(CoreScene::udp(kCarrier), back);
    CHECK(scene.take("192.0.2.77:5060").request_uri() == "sip:alice@192.0.2.77");
  }
}

TEST_CASE("a request that has been here ten times spirals no further", "[stage][rfc5393]") {
  CHECK(answer_with_via(own_via(1, 9)) == 480);
  CHECK(answer_with_via(own_via(1, 10)) == 482);
  CHECK(answer_with_via(own_via(1, 10, "198.51.100.2:5060")) == 480);  // somebody else's
  CHECK(answer_with_via("SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKnot-of-our-form") == 480);
}
