#include "proxy/core/forwarding.h"

#include <catch2/catch.hpp>

#include "tests/support/trunk_walk.h"

using namespace tests;
using namespace std::chrono_literals;
using proxy::sip::Message;
using proxy::trunk::Trunk;

TEST_CASE("a silent trunk is passed over; what it says later is cancelled or ended, never a second ring",
          "[core][trunk]") {
  CoreScene scene;
  const Message first = call_out(scene);
  scene.advance(4s);
  const Message second = scene.take(kSecond);
  while (!scene.nothing_to(kCarrier)) CHECK(scene.take(kCarrier).is("INVITE"));
  CHECK(second.top_via()->branch() != first.top_via()->branch());
  SECTION("a late 180 gets CANCEL") {
    scene.receive(CoreScene::udp(kCarrier), answer(first, 180, "late"));
    CHECK(scene.take(kCarrier).is("CANCEL"));
    CHECK(scene.take(kPhone).status() == 100);
    CHECK(scene.nothing_to(kPhone));
  }
  SECTION("a late 200 gets ACK and BYE") {
    scene.receive(CoreScene::udp(kCarrier), answer(first, 200, "late", "sip:gw@203.0.113.5"));
    CHECK(scene.take(kCarrier).is("ACK"));
    const Message bye = scene.take(kCarrier);
    CHECK(bye.is("BYE"));
    CHECK(bye.to_tag() == "late");
    CHECK(bye.request_uri() == "sip:gw@203.0.113.5");
    scene.receive(CoreScene::udp(kSecond), answer(second, 180, "ringing"));
    scene.receive(CoreScene::udp(kCarrier), answer(first, 200, "late", "sip:gw@203.0.113.5"));
    CHECK(scene.take(kCarrier).is("ACK"));
    CHECK(scene.nothing_to(kCarrier));
    CHECK(scene.nothing_to(kSecond));
    CHECK(scene.take(kPhone).status() == 100);
    CHECK(scene.take(kPhone).status() == 180);
    CHECK(scene.nothing_to(kPhone));
  }
  SECTION("it is not asked again") {
    scene.advance(20s);
    CHECK(scene.nothing_to(kCarrier));
  }
}

TEST_CASE("no response for the time of ringing ends a call with 408", "[core][rfc3261]") {
  CoreScene scene;
  const Message out = call_out(scene);
  scene.receive(CoreScene::udp(kCarrier), answer(out, 180, "t1"));
  CHECK(scene.take(kPhone).status() == 180);
  scene.advance(4min);
  Message cancel = scene.take(kCarrier);
  CHECK(cancel.is("CANCEL"));
  scene.receive(CoreScene::udp(kCarrier), answer(out, 487, "t1"));
  CHECK(scene.take(kPhone).status() == 408);
}

TEST_CASE("a sign of life ends the wait for one, however long the phone rings then", "[core][trunk]") {
  CoreScene scene;
  const Message out = call_out(scene);
  scene.receive(CoreScene::udp(kCarrier), answer(out, 100, ""));
  scene.advance(1min);
  CHECK(scene.nothing_to(kSecond));
  CHECK(scene.nothing_to(kCarrier));
}

TEST_CASE("ringing that goes on is not cut off", "[core][rfc3261]") {
  CoreScene scene;
  const Message out = call_out(scene);
  scene.receive(CoreScene::udp(kCarrier), answer(out, 180, "t1"));
  scene.advance(3min);
  scene.receive(CoreScene::udp(kCarrier), answer(out, 180, "t1"));
  scene.advance(3min);
  CHECK(scene.nothing_to(kCarrier));
  scene.advance(1min);
  CHECK(scene.take(kCarrier).is("CANCEL"));
}

TEST_CASE("who is late is waited for while there is nobody else", "[core][trunk]") {
  CoreScene scene{{named("carrier", "203.0.113.5"), named("slow", "slow.example")}};
  scene.held_names["slow.example"];
  const Message first = call_out(scene);
  scene.advance(10s);
  SECTION("the other is found nowhere") {
    scene.release("slow.example");
    scene.receive(CoreScene::udp(kCarrier), answer(first, 180, "t"));
    CHECK(scene.take(kPhone).status() == 100);
    CHECK(scene.take(kPhone).status() == 180);
  }
  SECTION("the other is found at last") {
    scene.places["slow.example"] = {at(kSecond)};
    scene.release("slow.example");
    CHECK(scene.take(kSecond).is("INVITE"));
  }
}

TEST_CASE("a trunk has its own patience", "[core][trunk]") {
  Trunk trunk = named("carrier", "carrier.example");
  trunk.provisional_timeout = 2s;
  trunk.answer_timeout = 10s;
  Walk scene{trunk};
  const Message first = call_out(scene);
  SECTION("until the first sign of life") {
    scene.advance(2s);
    CHECK(scene.take(kSecond).is("INVITE"));
  }
  SECTION("until it rings, a 100 being no ring") {
    scene.receive(CoreScene::udp(kCarrier), answer(first, 100, {}));
    scene.advance(9s);
    CHECK(scene.nothing_to(kSecond));
    scene.advance(1s);
    CHECK(scene.take(kCarrier).is("CANCEL"));
    CHECK(scene.take(kSecond).is("INVITE"));
  }
  SECTION("until it answers, and who rang is followed by nobody") {
    scene.receive(CoreScene::udp(kCarrier), answer(first, 180, "t"));
    scene.advance(8s);
    scene.receive(CoreScene::udp(kCarrier), answer(first, 180, "t"));
    scene.advance(2s);
    CHECK(scene.take(kCarrier).is("CANCEL"));
    scene.receive(CoreScene::udp(kCarrier), answer(first, 487, "t"));
    CHECK(scene.nothing_to(kSecond));
  }
}

TEST_CASE("a caller does not wait for more trunks than its time allows", "[core][trunk]") {
  Walk scene;
  for (int i = 8; i < 30; ++i)
    scene.places["carrier.example"].push_back(at("203.0.113." + std::to_string(i) + ":5060"));
  call_out(scene);
  scene.advance(29s);
  CHECK(scene.take(kPhone).status() == 100);
  CHECK(scene.nothing_to(kPhone));
  scene.advance(1s);
  CHECK(scene.take(kPhone).status() == 408);
  scene.advance(10s);
  CHECK(scene.nothing_to("203.0.113.20:5060"));
}
