#include <catch2/catch.hpp>

#include "proxy/core/forwarding.h"
#include "tests/support/trunk_walk.h"

/// The walk from place to place and trunk to trunk, as the trunks see it.
using namespace tests;
using namespace std::chrono_literals;
using proxy::sip::Message;
using proxy::trunk::Trunk;

TEST_CASE("every place that DNS names is tried in its order, then the best failure counts", "[core][trunk]") {
  Walk scene;
  const Message first = call_out(scene);
  CHECK(first.request_uri() == "sip:+4930123@carrier.example");
  scene.fail(kCarrier, first, 503);
  const Message second = scene.take(kSecond);
  CHECK(second.request_uri() == first.request_uri());
  CHECK(second.top_via()->branch() != first.top_via()->branch());
  scene.fail(kSecond, second, 500);
  scene.fail(kThird, scene.take(kThird), 504);
  CHECK(scene.take(kPhone).status() == 500);
}

TEST_CASE("a trunk says which of its failures another place could mend", "[core][trunk]") {
  Trunk trunk = named("carrier", "carrier.example");
  trunk.retry_codes = {404};
  Walk scene{trunk};
  const Message first = call_out(scene);
  SECTION("one of them") {
    scene.fail(kCarrier, first, 404);
    CHECK(scene.take(kSecond).is("INVITE"));
  }
  SECTION("another one") {
    scene.fail(kCarrier, first, 503);
    CHECK(scene.nothing_to(kSecond));
    CHECK(scene.take(kPhone).status() == 500);
  }
}

TEST_CASE("who says nothing or cannot be reached is followed by the next, whatever the codes say", "[core][trunk]") {
  Trunk trunk = named("carrier", "carrier.example");
  trunk.retry_codes = {404};
  Walk scene{trunk};
  const Message first = call_out(scene);
  SECTION("silence") {
    scene.advance(4s);
    CHECK(scene.take(kSecond).is("INVITE"));
  }
  SECTION("no way") {
    scene.sender.unreachable.insert(kSecond);
    scene.fail(kCarrier, first, 404);
    CHECK(scene.take(kThird).is("INVITE"));
  }
}

TEST_CASE("of places that get no calls now, those on the way back are tried first", "[core][trunk][health]") {
  Walk scene;
  scene.trunk_health.watch(scene.administration->trunks.all().front(), scene.places["carrier.example"], scene.now());
  for (int i = 0; i < 10; ++i) scene.trunk_health.on_failure(place(kSecond), scene.now());
  scene.advance(30s);
  for (int i = 0; i < 10; ++i) {
    scene.trunk_health.on_failure(place(kCarrier), scene.now());
    scene.trunk_health.on_failure(place(kThird), scene.now());
  }
  const Message request = invite("alice", "sip:+4930123@example.org", "sip:alice@192.0.2.99");
  scene.receive(CoreScene::udp(kPhone), request);
  scene.receive(CoreScene::udp(kPhone), scene.with_credentials(request, scene.take(kPhone), "alice"));
  scene.fail(kSecond, scene.take(kSecond), 503);
  scene.fail(kCarrier, scene.take(kCarrier), 503);
  scene.fail(kThird, scene.take(kThird), 503);
  CHECK(scene.take(kPhone).status() == 500);
}

TEST_CASE("a challenge is answered at the place that asked, also after others failed", "[core][trunk]") {
  Trunk trunk = named("carrier", "carrier.example");
  trunk.username = "us";
  trunk.password = "pass";
  Walk scene{trunk};
  scene.fail(kCarrier, call_out(scene), 503);
  Message challenge = answer(scene.take(kSecond), 407, "x");
  challenge.append("Proxy-Authenticate", "Digest realm=\"r\", nonce=\"n\"");
  scene.receive(CoreScene::udp(kSecond), challenge);
  CHECK(scene.take(kSecond).is("ACK"));
  CHECK(scene.take(kSecond).has("Proxy-Authorization"));
  CHECK(scene.nothing_to(kThird));
}

TEST_CASE("a call begins with the first trunk that is found and goes on with the others as they are", "[core][trunk]") {
  CoreScene scene{{named("carrier", "203.0.113.5"), named("slow", "slow.example")}};
  scene.held_names["slow.example"];
  scene.places["slow.example"] = {at(kSecond)};
  const Message first = call_out(scene);
  SECTION("found before it is needed") {
    scene.release("slow.example");
    CHECK(scene.nothing_to(kSecond));
    scene.receive(CoreScene::udp(kCarrier), answer(first, 503, "x"));
    CHECK(scene.take(kSecond).is("INVITE"));
  }
  SECTION("found when it is waited for") {
    scene.receive(CoreScene::udp(kCarrier), answer(first, 503, "x"));
    CHECK(scene.nothing_to(kPhone));
    scene.release("slow.example");
    CHECK(scene.take(kSecond).is("INVITE"));
  }
  SECTION("found nowhere") {
    scene.places.clear();
    scene.receive(CoreScene::udp(kCarrier), answer(first, 503, "x"));
    scene.release("slow.example");
    CHECK(scene.take(kPhone).status() == 500);
  }
  SECTION("not found in the caller's time") {
    scene.receive(CoreScene::udp(kCarrier), answer(first, 503, "x"));
    scene.advance(30s);
    CHECK(scene.take(kPhone).status() == 100);
    CHECK(scene.take(kPhone).status() == 500);
    scene.release("slow.example");
    CHECK(scene.nothing_to(kSecond));
  }
}

TEST_CASE("a place that failed too often is left out, and taken when nothing else is left", "[core][trunk][health]") {
  Walk scene;
  scene.trunk_health.watch(scene.administration->trunks.all().front(), scene.places["carrier.example"], scene.now());
  for (int i = 0; i < 10; ++i) scene.trunk_health.on_failure(place(kCarrier), scene.now());
  SECTION("others are there") {
    scene.receive(CoreScene::udp(kPhone), invite("alice", "sip:+4930123@example.org", "sip:alice@192.0.2.99"));
    const Message challenge = scene.take(kPhone);
    scene.receive(CoreScene::udp(kPhone),
                  scene.with_credentials(invite("alice", "sip:+4930123@example.org", "sip:alice@192.0.2.99"), challenge,
                                         "alice"));
    CHECK(scene.nothing_to(kCarrier));
    CHECK(scene.take(kSecond).is("INVITE"));
  }
  SECTION("all are down") {
    for (int i = 0; i < 10; ++i) {
      scene.trunk_health.on_failure(place(kSecond), scene.now());
      scene.trunk_health.on_failure(place(kThird), scene.now());
    }
    CHECK(call_out(scene).is("INVITE"));
  }
}
