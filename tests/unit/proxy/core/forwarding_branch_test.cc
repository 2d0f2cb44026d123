#include "proxy/core/forwarding.h"

#include <catch2/catch.hpp>

#include "tests/support/calls.h"

using namespace tests;
using namespace std::chrono_literals;
using proxy::sip::Message;

TEST_CASE("a trunk's challenge is answered on the same trunk, with room between CSeq numbers", "[core][rfc3261]") {
  proxy::trunk::Trunk trunk;
  trunk.name = "carrier";
  trunk.host = "203.0.113.5";
  trunk.username = "us";
  trunk.password = "pass";
  CoreScene scene{{trunk}};
  const Message first = call_out(scene);
  CHECK(first.cseq()->number == 32);
  Message challenge = answer(first, 407, "t0");
  challenge.append("Proxy-Authenticate", "Digest realm=\"carrier\", nonce=\"n1\", qop=\"auth\"");
  scene.receive(CoreScene::udp(kCarrier), challenge);
  CHECK(scene.take(kCarrier).is("ACK"));
  const Message again = scene.take(kCarrier);
  CHECK(again.cseq()->number == 33);
  CHECK(again.get("Proxy-Authorization").find("username=\"us\"") != std::string_view::npos);
  CHECK(again.body() == first.body());
  scene.receive(CoreScene::udp(kCarrier), answer(again, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  const Message ok = scene.take(kPhone);
  CHECK(ok.cseq()->number == 8);
  scene.receive(CoreScene::udp(kPhone), from_caller("ACK", ok, 8));
  CHECK(scene.take(kCarrier).cseq()->number == 33);

  SECTION("the ACK of a re-INVITE follows that INVITE's attempt, not the first one's") {
    Message hold = from_caller("INVITE", ok, 9);
    hold.append("Contact", "<sip:alice@192.0.2.99>");
    scene.receive(CoreScene::udp(kPhone), hold);
    const Message forwarded = scene.take(kCarrier);
    CHECK(forwarded.cseq()->number == 36);
    scene.receive(CoreScene::udp(kCarrier), answer(forwarded, 200, "t1", "sip:gw@203.0.113.5"));
    CHECK(scene.take(kPhone).status() == 200);
    scene.receive(CoreScene::udp(kPhone), from_caller("ACK", ok, 9));
    CHECK(scene.take(kCarrier).cseq()->number == 36);
  }
  SECTION("PRACK names the INVITE by the number it was accepted with") {
    Message prack = from_caller("PRACK", ok, 9);
    prack.append("RAck", "1 8 INVITE");
    scene.receive(CoreScene::udp(kPhone), prack);
    CHECK(scene.take(kCarrier).get("RAck") == "1 33 INVITE");
  }
  SECTION("BYE is challenged too") {
    scene.receive(CoreScene::udp(kPhone), from_caller("BYE", ok, 9));
    const Message bye = scene.take(kCarrier);
    CHECK(bye.cseq()->number == 36);
    Message asked = answer(bye, 401, "x");
    asked.append("WWW-Authenticate", "Digest realm=\"carrier\", nonce=\"n2\"");
    scene.receive(CoreScene::udp(kCarrier), asked);
    CHECK(scene.take(kCarrier).cseq()->number == 37);
  }
  SECTION("a wrong password is not the caller's affair") {
    Message refused = invite("alice", "sip:+4930124@example.org", "sip:alice@192.0.2.99");
    refused.set("Call-ID", "call-2");
    const Message out = call_out(scene, refused);
    scene.receive(CoreScene::udp(kCarrier), [&] {
      Message response = answer(out, 407, "t0");
      response.append("Proxy-Authenticate", "Digest realm=\"carrier\", nonce=\"n1\"");
      return response;
    }());
    CHECK(scene.take(kCarrier).is("ACK"));
    Message response = answer(scene.take(kCarrier), 407, "t0");
    response.append("Proxy-Authenticate", "Digest realm=\"carrier\", nonce=\"n3\"");
    scene.receive(CoreScene::udp(kCarrier), response);
    const Message failure = scene.take(kPhone);
    CHECK(failure.status() == 502);
    CHECK_FALSE(failure.has("Proxy-Authenticate"));
  }
}

TEST_CASE("a challenge is answered in both directions of a trunk that challenges", "[core][pair]") {
  proxy::trunk::Trunk trunk;
  trunk.name = "carrier";
  trunk.host = "203.0.113.5";
  trunk.username = "us";
  trunk.password = "pw";
  CoreScene scene{{trunk}};
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  const Message rung = scene.take("flow 11");
  CHECK(rung.cseq()->number == 7);
  scene.receive(kBrowser, answer(rung, 200, "callee", "sip:x@y.invalid", "v=0\r\n"));
  const Message ok = scene.take(kCarrier);
  scene.receive(CoreScene::udp(kCarrier), from_caller("ACK", ok, 7));
  CHECK(scene.take("flow 11").cseq()->number == 7);

  const auto challenged = [](const Message& request) {
    Message response = answer(request, 407, "x");
    response.append("Proxy-Authenticate", "Digest realm=\"carrier\", nonce=\"n1\", qop=\"auth\"");
    return response;
  };
  SECTION("BYE of the callee") {
    scene.receive(kBrowser, from_callee("BYE", rung, "callee", 3));
    const Message bye = scene.take(kCarrier);
    CHECK(bye.cseq()->number == 12);
    scene.receive(CoreScene::udp(kCarrier), challenged(bye));
    const Message again = scene.take(kCarrier);
    CHECK(again.cseq()->number == 13);
    CHECK(again.has("Proxy-Authorization"));
    scene.receive(CoreScene::udp(kCarrier), answer(again, 200, "x"));
    CHECK(scene.take("flow 11").cseq()->number == 3);
  }
  SECTION("re-INVITE of the callee, whose ACK follows the attempt that was accepted") {
    Message hold = from_callee("INVITE", rung, "callee", 3);
    hold.append("Contact", "<sip:x@y.invalid>");
    scene.receive(kBrowser, hold);
    const Message first = scene.take(kCarrier);
    CHECK(first.cseq()->number == 12);
    scene.receive(CoreScene::udp(kCarrier), challenged(first));
    CHECK(scene.take(kCarrier).is("ACK"));
    const Message second = scene.take(kCarrier);
    CHECK(second.cseq()->number == 13);
    scene.receive(CoreScene::udp(kCarrier), answer(second, 200, "caller", "sip:gw@203.0.113.5"));
    CHECK(scene.take("flow 11").cseq()->number == 3);
    scene.receive(kBrowser, from_callee("ACK", rung, "callee", 3));
    CHECK(scene.take(kCarrier).cseq()->number == 13);
  }
}

TEST_CASE("a callee whose connection goes while it rings is not there", "[core]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  scene.receive(kBrowser, answer(scene.take("flow 11"), 180, "callee"));
  CHECK(scene.take(kCarrier).status() == 180);
  scene.core().on_connection_closed(kBrowser);
  scene.settle();
  CHECK(scene.take(kCarrier).status() == 480);
}

TEST_CASE("of several flows to one user agent one is tried, the next when it has failed", "[core][rfc5626]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@one.invalid", CoreScene::wss(21), "urn:uuid:1", 1);
  scene.bind("bob", "sip:x@two.invalid", CoreScene::wss(22), "urn:uuid:1", 2);
  scene.bind("bob", "sip:z@other.invalid", CoreScene::wss(23), "urn:uuid:2", 1);
  scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  const Message latest = scene.take("flow 22");
  CHECK(scene.nothing_to("flow 21"));
  CHECK(scene.take("flow 23").request_uri() == "sip:z@other.invalid");
  SECTION("by 430") {
    scene.receive(CoreScene::wss(22), answer(latest, 430, "edge"));
    CHECK(scene.take("flow 22").is("ACK"));
    CHECK(scene.take("flow 21").request_uri() == "sip:x@one.invalid");
  }
  SECTION("by a closed connection") {
    scene.core().on_connection_closed(CoreScene::wss(22));
    scene.settle();
    CHECK(scene.take("flow 21").request_uri() == "sip:x@one.invalid");
  }
  SECTION("by a closed connection whose phone answers the first INVITE all the same") {
    scene.core().on_connection_closed(CoreScene::wss(22));
    scene.settle();
    const Message second = scene.take("flow 21");
    scene.receive(CoreScene::wss(21), answer(latest, 200, "b", "sip:x@one.invalid"));
    CHECK(scene.take("flow 21").is("ACK"));
    CHECK(scene.take("flow 21").is("BYE"));
    scene.receive(CoreScene::wss(21), answer(second, 200, "c", "sip:x@one.invalid", "v=0\r\n"));
    CHECK(scene.take(kCarrier).status() == 200);
  }
  SECTION("not by a phone that rang") {
    scene.receive(CoreScene::wss(22), answer(latest, 180, "b"));
    scene.receive(CoreScene::wss(22), answer(latest, 430, "b"));
    CHECK(scene.nothing_to("flow 21"));
  }
}

TEST_CASE("6xx of one callee ends the ringing of the others", "[core][rfc3261]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  scene.bind("bob", "sip:bob@192.0.2.77", CoreScene::udp("192.0.2.77:5060"));
  scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  const Message browser = scene.take("flow 11");
  const Message phone = scene.take("192.0.2.77:5060");
  scene.receive(kBrowser, answer(browser, 180, "b"));
  CHECK(scene.take(kCarrier).status() == 180);
  scene.receive(CoreScene::udp("192.0.2.77:5060"), answer(phone, 603, "p"));
  CHECK(scene.take("flow 11").is("CANCEL"));
  CHECK(scene.nothing_to(kCarrier));
  scene.receive(kBrowser, answer(browser, 487, "b"));
  CHECK(scene.take(kCarrier).status() == 603);
}

TEST_CASE("a trunk hears in its own transaction that a phone cannot be reached", "[core]") {
  CoreScene scene;
  scene.bind("bob", "sip:bob@192.0.2.50", CoreScene::tcp("192.0.2.50:40000", 5));
  scene.sender.closed.insert({5});
  scene.sender.unreachable.insert("192.0.2.50:40000");
  const Message call = of_carrier(invite("bob", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  scene.receive(CoreScene::udp(kCarrier), call);
  const Message refused = scene.take(kCarrier);
  CHECK(refused.status() == 480);
  REQUIRE(refused.top_via());
  CHECK(refused.top_via()->branch() == call.top_via()->branch());
}
