#include "proxy/core/forwarding.h"

#include <catch2/catch.hpp>

#include "tests/support/calls.h"

using namespace tests;
using namespace std::chrono_literals;
using proxy::sip::Message;

TEST_CASE("a trunk that fails is followed by the next, one that rang or is busy is not", "[core][trunk]") {
  CoreScene scene;
  const Message first = call_out(scene);
  SECTION("503") {
    scene.receive(CoreScene::udp(kCarrier), answer(first, 503, "t1"));
    CHECK(scene.take(kCarrier).is("ACK"));
    CHECK(scene.take(kSecond).request_uri() == "sip:+4930123@203.0.113.6");
  }
  SECTION("503 after 180") {
    scene.receive(CoreScene::udp(kCarrier), answer(first, 180, "t1"));
    scene.receive(CoreScene::udp(kCarrier), answer(first, 503, "t1"));
    CHECK(scene.nothing_to(kSecond));
    CHECK(scene.take(kPhone).status() == 180);
    CHECK(scene.take(kPhone).status() == 500);
  }
  SECTION("486") {
    scene.receive(CoreScene::udp(kCarrier), answer(first, 486, "t1"));
    CHECK(scene.nothing_to(kSecond));
    CHECK(scene.take(kPhone).status() == 486);
  }
}

TEST_CASE("CANCEL goes to the callee that rings, and 487 comes back", "[core][rfc3261]") {
  CoreScene scene;
  const Message ringing = call_out(scene);
  scene.receive(CoreScene::udp(kCarrier), answer(ringing, 180, "t1"));
  const Message upstream = scene.take(kPhone);
  Message cancel = Message::request("CANCEL", "sip:+4930123@example.org");
  for (const auto* name : {"Via", "From", "To", "Call-ID"}) cancel.append(name, upstream.get(name));
  cancel.set("To", "<sip:+4930123@example.org>");
  cancel.append("CSeq", "8 CANCEL");
  cancel.append("Max-Forwards", "70");
  scene.receive(CoreScene::udp(kPhone), cancel);
  CHECK(scene.take(kPhone).status() == 200);
  const Message down = scene.take(kCarrier);
  CHECK(down.is("CANCEL"));
  CHECK(down.top_via()->branch() == ringing.top_via()->branch());
  scene.receive(CoreScene::udp(kCarrier), answer(ringing, 487, "t1"));
  CHECK(scene.take(kPhone).status() == 487);
  CHECK(scene.relays.commands().back() == ng::Command::Delete);
}

TEST_CASE("every binding of a user rings; the first to answer stops the others", "[core][rfc3261]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  scene.bind("bob", "sip:bob@192.0.2.77", CoreScene::udp("192.0.2.77:5060"));
  scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  const Message browser = scene.take("flow 11");
  const Message phone = scene.take("192.0.2.77:5060");
  scene.receive(kBrowser, answer(browser, 180, "b"));
  scene.receive(CoreScene::udp("192.0.2.77:5060"), answer(phone, 180, "p"));
  scene.receive(CoreScene::udp("192.0.2.77:5060"), answer(phone, 200, "p", "sip:bob@192.0.2.77", "v=0\r\n"));
  CHECK(scene.take("flow 11").is("CANCEL"));
  scene.receive(kBrowser, answer(browser, 487, "b"));
  CHECK(scene.take(kCarrier).status() == 180);
  CHECK(scene.take(kCarrier).status() == 180);
  CHECK(scene.take(kCarrier).status() == 200);
  CHECK(scene.nothing_to(kCarrier));
}

TEST_CASE("a caller that disconnects while it rings cancels its call", "[core]") {
  CoreScene scene;
  scene.bind("alice", "sip:a@a.invalid", kBrowser);
  scene.bind("bob", "sip:bob@192.0.2.77", CoreScene::udp("192.0.2.77:5060"));
  Message request = invite("alice", "sip:bob@example.org", "sip:a@a.invalid");
  scene.receive(kBrowser, request);
  scene.receive(kBrowser, scene.with_credentials(request, scene.take("flow 11"), "alice"));
  const Message rung = scene.take("192.0.2.77:5060");
  scene.receive(CoreScene::udp("192.0.2.77:5060"), answer(rung, 180, "p"));
  scene.core().on_connection_closed(kBrowser);
  scene.settle();
  CHECK(scene.take("192.0.2.77:5060").is("CANCEL"));
}

TEST_CASE("a caller over TCP whose connection is gone is called back", "[core][rfc3261]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  const auto flow = CoreScene::tcp("203.0.113.5:40000", 31);
  Message request = invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5");
  request.set("Via", "SIP/2.0/TCP 203.0.113.5:5080;branch=z9hG4bKtcp");
  scene.receive(flow, request);
  const Message rung = scene.take("flow 11");
  scene.receive(kBrowser, answer(rung, 180, "callee"));
  CHECK(scene.take("flow 31").status() == 180);
  scene.sender.closed.insert({31});
  scene.receive(kBrowser, answer(rung, 200, "callee", "sip:x@y.invalid", "v=0\r\n"));
  CHECK(scene.take("203.0.113.5:5080").status() == 200);
}

TEST_CASE("an answer waits for its caller to come back, and ends the call when it does not", "[core][pair]") {
  CoreScene scene;
  scene.register_user("alice", "sip:a@a.invalid", CoreScene::wss(41));
  CHECK(scene.take("flow 41").status() == 200);
  const Message request = invite("alice", "sip:+4930123@example.org", "sip:a@a.invalid");
  scene.receive(CoreScene::wss(41), request);
  scene.receive(CoreScene::wss(41), scene.with_credentials(request, scene.take("flow 41"), "alice"));
  const Message out = scene.take(kCarrier);
  scene.sender.closed.insert({41});
  scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  SECTION("in time") {
    scene.advance(10s);
    CHECK(scene.nothing_to(kCarrier));
    scene.register_user("alice", "sip:a@a.invalid", CoreScene::wss(42));
    CHECK(scene.take("flow 42").status() == 200);
    const Message ok = scene.take("flow 42");
    CHECK(ok.get("CSeq") == "8 INVITE");
    CHECK(ok.body() == "v=0\r\ns=answer\r\n");
  }
  const Message ok = answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n");
  SECTION("too late, however often the callee repeats it") {
    for (int i = 0; i < 5; ++i) {
      scene.advance(4s);
      scene.receive(CoreScene::udp(kCarrier), ok);
    }
    CHECK(scene.take(kCarrier).is("ACK"));
    CHECK(scene.take(kCarrier).is("BYE"));
    CHECK(scene.relays.commands().back() == ng::Command::Delete);
    scene.receive(CoreScene::udp(kCarrier), ok);
    CHECK(scene.take(kCarrier).is("ACK"));
  }
  SECTION("not at all when the proxy goes") {
    CHECK(scene.core().busy() == 0);
    scene.core().drain();
    scene.settle();
    CHECK(scene.take(kCarrier).is("ACK"));
    CHECK(scene.take(kCarrier).is("BYE"));
    CHECK(scene.core().busy() == 1);
  }
}
