#include <catch2/catch.hpp>

#include "proxy/stage/stages.h"
#include "tests/support/calls.h"

using namespace tests;
using proxy::sip::Message;

TEST_CASE("a request that is forked gives each branch its share of Max-Breadth", "[core][rfc5393]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  scene.bind("bob", "sip:bob@192.0.2.77", CoreScene::udp("192.0.2.77:5060"));
  Message request = invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5");
  SECTION("of its own") {
    request.append("Max-Breadth", "5");
    scene.receive(CoreScene::udp(kCarrier), request);
    CHECK(scene.take("flow 11").get("Max-Breadth") == "2");
    CHECK(scene.take("192.0.2.77:5060").get("Max-Breadth") == "2");
  }
  SECTION("of 60 when it names none") {
    scene.receive(CoreScene::udp(kCarrier), request);
    CHECK(scene.take("flow 11").get("Max-Breadth") == "30");
  }
  SECTION("too little for all is a failure, not a shorter list") {
    request.append("Max-Breadth", "1");
    scene.receive(CoreScene::udp(kCarrier), request);
    CHECK(scene.take(kCarrier).status() == 440);
    CHECK(scene.nothing_to("flow 11"));
  }
}
