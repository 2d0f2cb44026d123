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

TEST_CASE("whoever is no trunk proves to be the user of From", "[core][auth]") {
  CoreScene scene;
  const Message out = call_out(scene);
  CHECK(out.request_uri() == "sip:+4930123@203.0.113.5");
  CHECK_FALSE(out.has("Proxy-Authorization"));

  Message other = invite("bob", "sip:+4930123@example.org", "sip:bob@192.0.2.99");
  other.set("Call-ID", "call-2");
  scene.receive(CoreScene::udp(kPhone), other);
  const Message challenge = scene.take(kPhone);
  scene.receive(CoreScene::udp(kPhone), scene.with_credentials(other, challenge, "alice"));
  CHECK(scene.take(kPhone).status() == 403);
}

TEST_CASE("a cookie routes only for the source and the tags it was made for", "[core][attack]") {
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

TEST_CASE("a request that comes back is a loop, one without hops left goes nowhere", "[core][rfc5393]") {
  CoreScene scene;
  scene.bind("bob", "sip:bob@192.0.2.77", CoreScene::udp("192.0.2.77:5060"));
  const Message request = invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5");
  scene.receive(CoreScene::udp(kCarrier), request);
  Message back = scene.take("192.0.2.77:5060");
  back.set_request_uri("sip:bob@example.org");
  back.remove("Record-Route");
  scene.receive(CoreScene::udp(kCarrier), back);
  CHECK(scene.take(kCarrier).status() == 482);

  Message tired = invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5");
  tired.set("Call-ID", "call-2");
  tired.set("Max-Forwards", "0");
  scene.receive(CoreScene::udp(kCarrier), tired);
  CHECK(scene.take(kCarrier).status() == 483);
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
