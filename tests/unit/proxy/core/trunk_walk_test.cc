#include <catch2/catch.hpp>

#include "proxy/core/forwarding.h"
#include "tests/support/calls.h"

/// The walk from place to place and trunk to trunk, as the trunks see it.
using namespace tests;
using namespace std::chrono_literals;
using proxy::next_hop::Candidates;
using proxy::sip::Message;
using proxy::transport::Kind;
using proxy::trunk::Place;
using proxy::trunk::Trunk;

namespace {

constexpr auto kThird = "203.0.113.7:5070";

proxy::next_hop::Candidate at(std::string_view address) {
  return {Kind::Udp, *common::SocketAddress::parse(address), "carrier.example"};
}
Place place(std::string_view address) { return {"carrier", Kind::Udp, *common::SocketAddress::parse(address)}; }

Trunk named(std::string name, std::string host) {
  Trunk trunk;
  trunk.name = std::move(name);
  trunk.host = std::move(host);
  return trunk;
}

/// One trunk with three places.
struct Walk : CoreScene {
  explicit Walk(Trunk trunk = named("carrier", "carrier.example")) : CoreScene{{std::move(trunk)}} {
    places["carrier.example"] = {at(kCarrier), at(kSecond), at(kThird)};
  }
  void fail(std::string_view address, const Message& request, int status,
            std::optional<std::string> retry_after = std::nullopt) {
    Message response = answer(request, status, "x");
    if (retry_after) response.append("Retry-After", *retry_after);
    receive(udp(address), response);
    CHECK(take(address).is("ACK"));
  }
};

}  // namespace

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

TEST_CASE("codes that lead to the next trunk do not make a place ill, failures of the server do",
          "[core][trunk][health]") {
  Trunk trunk = named("carrier", "carrier.example");
  trunk.retry_codes = {404};
  Walk scene{trunk};
  const auto state = [&] { return scene.trunk_health.state(place(kCarrier), scene.now()); };
  const Message first = call_out(scene);
  SECTION("404") {
    for (int i = 0; i < 5; ++i) {
      scene.trunk_health.on_success(place(kCarrier), 1s, scene.now());
      scene.trunk_health.on_failure(place(kCarrier), scene.now());
    }
    scene.fail(kCarrier, first, 404);
    CHECK(state() == proxy::trunk::PlaceHealth::State::Up);
  }
  SECTION("503 with Retry-After") {
    scene.fail(kCarrier, first, 503, "60");
    CHECK(state() == proxy::trunk::PlaceHealth::State::Down);
  }
}

TEST_CASE("a caller who hangs up early proves nothing", "[core][trunk][health]") {
  Walk scene;
  const Message first = call_out(scene);
  scene.receive(CoreScene::udp(kCarrier), answer(first, 100, {}));
  scene.advance(3s);
  const Message trying = scene.take(kPhone);
  Message cancel = Message::request("CANCEL", "sip:+4930123@example.org");
  for (const auto* name : {"Via", "From", "Call-ID"}) cancel.append(name, trying.get(name));
  cancel.append("To", "<sip:+4930123@example.org>");
  cancel.append("CSeq", "8 CANCEL");
  cancel.append("Max-Forwards", "70");
  scene.receive(CoreScene::udp(kPhone), cancel);
  CHECK(scene.take(kCarrier).is("CANCEL"));
  scene.receive(CoreScene::udp(kCarrier), answer(first, 487, "t"));
  for (const auto& view : scene.trunk_health.views(scene.now())) CHECK(view.calls.calls == 0);
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

TEST_CASE("a trunk that asks to be left alone is left alone", "[core][trunk][health]") {
  Walk scene;
  scene.places["carrier.example"] = {at(kCarrier)};
  scene.fail(kCarrier, call_out(scene), 503, "120 (maintenance)");
  CHECK(scene.take(kPhone).status() == 500);
  Message again = invite("alice", "sip:+4930124@example.org", "sip:alice@192.0.2.99");
  again.set("Call-ID", "again");
  scene.receive(CoreScene::udp(kPhone), again);
  const Message challenge = scene.take(kPhone);
  scene.receive(CoreScene::udp(kPhone), scene.with_credentials(again, challenge, "alice"));
  const Message refusal = scene.take(kPhone);
  CHECK(refusal.status() == 503);
  CHECK(refusal.has("Retry-After"));
  CHECK(scene.nothing_to(kCarrier));
}

TEST_CASE("what becomes of calls is what the health hears of", "[core][trunk][health]") {
  Walk scene;
  const auto calls_at = [&](std::string_view address) {
    for (const auto& view : scene.trunk_health.views(scene.now())) {
      if (view.place == place(address)) return view.calls;
    }
    return proxy::trunk::CallWindow::Totals{};
  };
  const Message first = call_out(scene);
  scene.advance(4s);
  CHECK(calls_at(kCarrier).failures == 1);
  const Message second = scene.take(kSecond);
  scene.advance(2s);
  scene.receive(CoreScene::udp(kSecond), answer(second, 180, "t"));
  scene.receive(CoreScene::udp(kSecond), answer(second, 486, "t"));
  CHECK(calls_at(kSecond).calls == 1);
  CHECK(calls_at(kSecond).failures == 0);
  CHECK(calls_at(kSecond).delay == 2s);
}
