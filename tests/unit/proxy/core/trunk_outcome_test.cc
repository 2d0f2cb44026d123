#include "proxy/core/trunk_outcome.h"

#include <catch2/catch.hpp>

#include "tests/support/trunk_walk.h"

using namespace tests;
using namespace std::chrono_literals;
using proxy::sip::Message;
using proxy::trunk::Trunk;

TEST_CASE("Retry-After is read up to what follows the seconds, and junk is none", "[core][rfc3261]") {
  Message response = Message::response(503, "x");
  CHECK_FALSE(proxy::core::retry_after(response));
  response.set("Retry-After", "120 (maintenance);duration=3600");
  CHECK(proxy::core::retry_after(response) == 120s);
  for (const char* junk : {"", "soon", "-5", "99999999999"}) {
    response.set("Retry-After", junk);
    CHECK_FALSE(proxy::core::retry_after(response));
  }
}

TEST_CASE("a trunk's own codes lead to the next target, the usual ones where there is no trunk", "[core][trunk]") {
  proxy::core::Target target;
  CHECK(proxy::core::is_retryable(target, 503));
  CHECK_FALSE(proxy::core::is_retryable(target, 404));
  target.trunk.emplace().retry_codes = {404};
  CHECK(proxy::core::is_retryable(target, 404));
  CHECK_FALSE(proxy::core::is_retryable(target, 503));
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
