#include "proxy/core/proxy_core.h"

#include <catch2/catch.hpp>

#include "tests/support/calls.h"

using namespace tests;
using namespace std::chrono_literals;
using proxy::sip::Message;

TEST_CASE("a call from a trunk rings the registered browser, and both ends reach each other by the cookie alone",
          "[core][rfc3261]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid;transport=ws", kBrowser);
  const Message request = invite("+4930999", "sip:bob@example.org", "sip:gw@203.0.113.5");
  scene.receive(CoreScene::udp(kCarrier), request);

  const Message rung = scene.take("flow 11");
  CHECK(rung.request_uri() == "sip:x@y.invalid;transport=ws");
  CHECK(rung.get("Max-Forwards") == "69");
  CHECK(rung.top_via()->transport == "WSS");
  CHECK(rung.top_via()->params.has("ck"));
  REQUIRE(rung.all("Record-Route").size() == 1);
  CHECK(rung.body() == "v=0\r\ns=offer\r\n");

  scene.receive(kBrowser, answer(rung, 180, "callee"));
  CHECK(scene.take(kCarrier).status() == 180);
  scene.receive(kBrowser, answer(rung, 200, "callee", "sip:x@y.invalid;transport=ws", "v=0\r\nanswer"));
  const Message ok = scene.take(kCarrier);
  CHECK(ok.status() == 200);
  CHECK(ok.all("Via").size() == 1);
  CHECK(ok.body() == "v=0\r\ns=answer\r\n");
  REQUIRE(ok.all("Record-Route").size() == 1);
  CHECK(ok.get("Record-Route") != rung.get("Record-Route"));
  CHECK(ok.get("Record-Route").find("198.51.100.1:5060") != std::string_view::npos);

  scene.receive(CoreScene::udp(kCarrier), from_caller("ACK", ok, 7));
  const Message ack = scene.take("flow 11");
  CHECK(ack.is("ACK"));
  CHECK_FALSE(ack.has("Route"));

  scene.receive(kBrowser, from_callee("BYE", rung, "callee", 1));
  const Message bye = scene.take(kCarrier);
  CHECK(bye.is("BYE"));
  scene.receive(CoreScene::udp(kCarrier), answer(bye, 200, "x"));
  CHECK(scene.take("flow 11").status() == 200);
  CHECK(scene.relays.commands() == std::vector{ng::Command::Offer, ng::Command::Answer, ng::Command::Delete});
}

TEST_CASE("nothing of a call is left when its transactions have ended", "[core]") {
  CoreScene scene;
  const Message out = call_out(scene);
  scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  const Message ok = scene.take(kPhone);
  scene.receive(CoreScene::udp(kPhone), from_caller("BYE", ok, 9));
  scene.receive(CoreScene::udp(kCarrier), answer(scene.take(kCarrier), 200, "t1"));
  CHECK(scene.core().forwardings() == 2);
  scene.advance(70s);
  CHECK(scene.core().forwardings() == 0);
}

TEST_CASE("what cannot prove its source is refused without memory or repeats", "[core][attack]") {
  CoreScene scene;
  const Message forged = invite("alice", "sip:+4930123@example.org", "sip:alice@192.0.2.99");
  scene.receive(CoreScene::udp(kPhone), forged);
  const Message first = scene.take(kPhone);
  scene.advance(40s);
  CHECK(scene.nothing_to(kPhone));
  scene.receive(CoreScene::udp(kPhone), forged);
  CHECK(scene.take(kPhone).to_tag() == first.to_tag());
}

TEST_CASE("a proxy that drains begins no call and carries on what runs", "[core]") {
  CoreScene scene;
  const Message out = call_out(scene);
  scene.core().drain();
  Message second = invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5");
  second.set("Call-ID", "call-2");
  scene.receive(CoreScene::udp(kCarrier), second);
  CHECK(scene.take(kCarrier).status() == 503);
  CHECK(scene.core().busy() == 1);
  SECTION("until it is answered") {
    scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
    CHECK(scene.take(kPhone).status() == 200);
    CHECK(scene.core().busy() == 0);
  }
  SECTION("until its failure is acknowledged") {
    scene.receive(CoreScene::udp(kCarrier), answer(out, 486, "t1"));
    CHECK(scene.core().busy() == 1);
    const Message busy = scene.take(kPhone);
    Message ack = Message::request("ACK", "sip:+4930123@example.org");
    for (const auto* name : {"Via", "From", "To", "Call-ID"}) ack.append(name, busy.get(name));
    ack.append("CSeq", "8 ACK");
    scene.receive(CoreScene::udp(kPhone), ack);
    scene.advance(5s);
    CHECK(scene.core().busy() == 0);
  }
}
