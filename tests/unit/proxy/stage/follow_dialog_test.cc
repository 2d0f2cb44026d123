#include <catch2/catch.hpp>
#include <functional>

#include "proxy/core/dialog_cookie.h"
#include "proxy/stage/stages.h"
#include "tests/support/calls.h"
#include "tests/support/sealed_peers.h"

using namespace tests;
using proxy::sip::Message;

namespace {

/// A call of alice that has been answered, and somebody else who knows its cookie.
struct Answered {
  CoreScene scene;
  Message out = call_out(scene);
  Message ok = [&] {
    scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
    return scene.take(kPhone);
  }();
  static constexpr auto kStranger = "192.0.2.66:5060";

  /// A request of the caller with what its cookie says changed by `change`.
  Message with_cookie(const std::function<void(proxy::core::DialogCookie&)>& change) const {
    Message request = from_caller("BYE", ok, 9);
    auto route = *proxy::sip::NameAddr::parse(request.get("Route"));
    const proxy::core::Sealer sealer = sealer_of("secret");
    auto cookie =
        proxy::core::open_dialog_cookie(sealer, route.uri.user, request.call_id(), request.from_tag(), request.to_tag())
            ->cookie;
    change(cookie);
    route.uri.user = proxy::core::seal_dialog_cookie(sealer, cookie, request.call_id(), request.from_tag());
    request.set("Route", route.to_string());
    return request;
  }
  int answer_to(const Message& request, std::string_view from = kPhone) {
    scene.receive(CoreScene::udp(from), request);
    return scene.take(from).status();
  }
};

}  // namespace

TEST_CASE("a cookie routes only for the source and the tags it was made for", "[stage][attack]") {
  CoreScene scene;
  const Message out = call_out(scene);
  scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  const Message ok = scene.take(kPhone);
  const std::size_t before = scene.sender.sent.size();

  SECTION("somebody else is asked who he is") {
    scene.receive(CoreScene::udp("192.0.2.66:5060"), from_caller("BYE", ok, 9));
    CHECK(scene.take("192.0.2.66:5060").status() == 407);
  }
  SECTION("an invented To tag") {
    Message request = from_caller("INVITE", ok, 9);
    request.set("To", "<sip:+4930123@example.org>;tag=invented");
    request.set_request_uri("sip:+900premium@203.0.113.5");
    scene.receive(CoreScene::udp(kPhone), request);
    CHECK(scene.take(kPhone).status() == 403);
  }
  SECTION("a Request-URI elsewhere still goes to the sealed trunk") {
    Message request = from_caller("INFO", ok, 9);
    request.set_request_uri("sip:victim@192.0.2.250");
    scene.receive(CoreScene::udp(kPhone), request);
    CHECK(scene.nothing_to("192.0.2.250:5060"));
    CHECK(scene.take(kCarrier).is("INFO"));
  }
  SECTION("no cookie at all") {
    Message request = from_caller("BYE", ok, 9);
    request.remove("Route");
    scene.receive(CoreScene::udp(kPhone), request);
    CHECK(scene.take(kPhone).status() == 481);
  }
  SECTION("an ACK from elsewhere is dropped") {
    const auto dropped = scene.core().counters().dropped_acks;
    scene.receive(CoreScene::udp("192.0.2.66:5060"), from_caller("ACK", ok, 8));
    CHECK(scene.sender.sent.size() == before);
    CHECK(scene.core().counters().dropped_acks == dropped + 1);
  }
}

TEST_CASE("who knows a user's cookie and is elsewhere proves to be that user", "[stage][attack]") {
  Answered call;
  const Message bye = from_caller("BYE", call.ok, 9);
  call.scene.receive(CoreScene::udp(Answered::kStranger), bye);
  const Message challenge = call.scene.take(Answered::kStranger);
  REQUIRE(challenge.status() == 407);
  SECTION("and is") {
    call.scene.receive(CoreScene::udp(Answered::kStranger), call.scene.with_credentials(bye, challenge, "alice"));
    CHECK(call.scene.take(kCarrier).is("BYE"));
  }
  SECTION("and is another one") {
    CHECK(call.answer_to(call.scene.with_credentials(bye, challenge, "bob"), Answered::kStranger) == 403);
    CHECK(call.scene.nothing_to(kCarrier));
  }
}

TEST_CASE("a trunk's side of a call is heard from the trunk only, and nobody is asked for credentials",
          "[stage][attack]") {
  Answered call;
  CHECK(call.answer_to(from_callee("BYE", call.out, "t1", 1), Answered::kStranger) == 403);
  CHECK(call.scene.nothing_to(kPhone));
  call.scene.receive(CoreScene::udp("203.0.113.5:40000"), from_callee("BYE", call.out, "t1", 1));
  CHECK(call.scene.take(kPhone).is("BYE"));
}

TEST_CASE("a cookie of a call that must be over by now is none", "[stage][attack]") {
  Answered call;
  SECTION("a day") {
    call.scene.receive(CoreScene::udp(kPhone), call.with_cookie([](auto& cookie) { cookie.time -= 24 * 60 * 60; }));
    CHECK(call.scene.take(kCarrier).is("BYE"));
  }
  SECTION("more than a day") {
    CHECK(call.answer_to(call.with_cookie([](auto& cookie) { cookie.time -= 24 * 60 * 60 + 1; })) == 481);
  }
  SECTION("not begun yet, beyond what clocks differ") {
    CHECK(call.answer_to(call.with_cookie([](auto& cookie) { cookie.time += 31; })) == 481);
  }
}

TEST_CASE("a cookie of another configuration is none", "[stage][attack]") {
  Answered call;
  SECTION("a listener that is not there") {
    CHECK(call.answer_to(call.with_cookie([](auto& cookie) { cookie.callee.listener = {9}; })) == 481);
  }
  SECTION("a listener that is of another kind now") {
    CHECK(call.answer_to(call.with_cookie([](auto& cookie) { cookie.callee.listener = {1}; })) == 481);
  }
}

TEST_CASE("a user asserts no identity inside a dialog either", "[stage][rfc3325]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid", CoreScene::wss(11));
  scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  const Message rung = scene.take("flow 11");
  scene.receive(CoreScene::wss(11), answer(rung, 200, "b", "sip:x@y.invalid", "v=0\r\n"));
  Message update = from_callee("UPDATE", rung, "b", 2);
  update.append("P-Asserted-Identity", "<sip:+491555@example.org>");
  scene.receive(CoreScene::wss(11), update);
  CHECK(scene.take(kCarrier).status() == 200);
  CHECK_FALSE(scene.take(kCarrier).has("P-Asserted-Identity"));
}
