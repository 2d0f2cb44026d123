#include <catch2/catch.hpp>

#include "proxy/stage/stages.h"
#include "tests/support/calls.h"

using namespace tests;
using proxy::sip::Message;

TEST_CASE("a session that is too brief is refused to a caller who knows what that means", "[stage][rfc4028]") {
  CoreScene scene;
  scene.settings().session_expires = 1800;
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  Message request = invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5");
  request.append("Session-Expires", "60");
  SECTION("he does") {
    request.append("Supported", "timer");
    scene.receive(CoreScene::udp(kCarrier), request);
    const Message refusal = scene.take(kCarrier);
    CHECK(refusal.status() == 422);
    CHECK(refusal.get("Min-SE") == "90");
  }
  SECTION("he does not: it is made longer") {
    scene.receive(CoreScene::udp(kCarrier), request);
    CHECK(scene.take("flow 11").get("Session-Expires") == "90");
  }
  SECTION("nobody asked for timers here") {
    scene.settings().session_expires = 0;
    request.append("Supported", "timer");
    scene.receive(CoreScene::udp(kCarrier), request);
    CHECK(scene.take("flow 11").get("Session-Expires") == "60");
  }
}
