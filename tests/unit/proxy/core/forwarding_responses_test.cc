#include "proxy/core/forwarding.h"

#include <catch2/catch.hpp>

#include "tests/support/calls.h"

using namespace tests;
using namespace std::chrono_literals;
using proxy::sip::Message;

TEST_CASE("a provisional response that waits for the relay does not hold 487 back", "[core][media]") {
  CoreScene scene;
  const Message out = call_out(scene);
  scene.receive(CoreScene::udp(kCarrier), answer(out, 180, "t1"));
  const Message upstream = scene.take(kPhone);
  scene.relays.silent = true;
  scene.receive(CoreScene::udp(kCarrier), answer(out, 183, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  Message cancel = Message::request("CANCEL", "sip:+4930123@example.org");
  for (const auto* name : {"Via", "From", "Call-ID"}) cancel.append(name, upstream.get(name));
  cancel.append("To", "<sip:+4930123@example.org>");
  cancel.append("CSeq", "8 CANCEL");
  scene.receive(CoreScene::udp(kPhone), cancel);
  CHECK(scene.take(kPhone).status() == 200);
  CHECK(scene.take(kCarrier).is("CANCEL"));
  scene.receive(CoreScene::udp(kCarrier), answer(out, 487, "t1"));
  CHECK(scene.take(kPhone).status() == 487);
  scene.relays.silent = false;
  scene.settle();
  CHECK(scene.nothing_to(kPhone));
}

TEST_CASE("responses go to the caller in the order they came, also when the relay is slow about one", "[core][media]") {
  CoreScene scene;
  const Message out = call_out(scene);
  scene.relays.silent = true;
  scene.receive(CoreScene::udp(kCarrier), answer(out, 183, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  scene.receive(CoreScene::udp(kCarrier), answer(out, 180, "t1"));
  CHECK(scene.nothing_to(kPhone));
  scene.relays.silent = false;
  scene.settle();
  CHECK(scene.take(kPhone).status() == 183);
  CHECK(scene.take(kPhone).status() == 180);
}

TEST_CASE("a provisional response whose description the relay refuses goes on without it", "[core][media]") {
  CoreScene scene;
  const Message out = call_out(scene);
  scene.relays.refusal = "Unreadable SDP";
  scene.receive(CoreScene::udp(kCarrier), answer(out, 183, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  const Message progress = scene.take(kPhone);
  CHECK(progress.status() == 183);
  CHECK(progress.body().empty());
  CHECK_FALSE(progress.has("Content-Type"));
  CHECK(scene.nothing_to(kCarrier));
}

TEST_CASE("an answer whose description the relay refuses is none: its callee is hung up on, once", "[core][media]") {
  CoreScene scene;
  const Message out = call_out(scene);
  scene.relays.refusal = "Unreadable SDP";
  const Message ok = answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n");
  scene.receive(CoreScene::udp(kCarrier), ok);
  CHECK(scene.take(kPhone).status() == 488);
  CHECK(scene.take(kCarrier).is("ACK"));
  CHECK(scene.take(kCarrier).is("BYE"));
  scene.receive(CoreScene::udp(kCarrier), ok);
  CHECK(scene.take(kCarrier).is("ACK"));
  CHECK(scene.nothing_to(kCarrier));
}

TEST_CASE("a failure between us and the callee's side is told as ours", "[core][rfc3261]") {
  proxy::trunk::Trunk trunk;
  trunk.name = "carrier";
  trunk.host = "203.0.113.5";
  CoreScene scene{{trunk}};
  const Message out = call_out(scene);
  const auto upstream_of = [&](int status) {
    scene.receive(CoreScene::udp(kCarrier), answer(out, status, "t1"));
    Message failure = scene.take(kPhone);
    CHECK(failure.to_tag() != "t1");
    return failure.status();
  };
  SECTION("that it cannot serve us now") { CHECK(upstream_of(503) == 500); }
  SECTION("that it does not know us") { CHECK(upstream_of(401) == 502); }
  SECTION("that it wants credentials we have not got") { CHECK(upstream_of(407) == 502); }
}

TEST_CASE("a failure of the callee goes to the caller as it is, without our Via", "[core][rfc3261]") {
  CoreScene scene;
  const Message out = call_out(scene);
  Message busy = answer(out, 486, "t1");
  busy.append("Reason", "Q.850 ;cause=17");
  scene.receive(CoreScene::udp(kCarrier), busy);
  const Message failure = scene.take(kPhone);
  CHECK(failure.status() == 486);
  CHECK(failure.to_tag() == "t1");
  CHECK(failure.get("Reason") == "Q.850 ;cause=17");
  CHECK(failure.all("Via").size() == 1);
  CHECK(failure.all("Via").front() == out.all("Via").back());
}
