#include <catch2/catch.hpp>

#include "proxy/core/proxy_core.h"
#include "tests/support/calls.h"

// What the extensions send through a dialog that this proxy holds in nothing but a cookie.
using namespace tests;
using namespace std::chrono_literals;
using proxy::sip::Message;

namespace {

constexpr auto kDesk = "192.0.2.77:5060";
constexpr auto kGateway = "sip:gw@203.0.113.5";

const auto from_gateway = CoreScene::udp(kCarrier);
const auto from_desk = CoreScene::udp(kDesk);

/// Bob's desk phone as the gateway calls it; gives the INVITE as the phone gets it.
Message call_desk(CoreScene& scene, std::string_view sdp = "v=0\r\n") {
  scene.bind("bob", "sip:bob@192.0.2.77", from_desk);
  scene.receive(from_gateway, invite("+49", "sip:bob@example.org", kGateway, sdp));
  return scene.take(kDesk);
}

/// The same answered and acknowledged; gives the 200 as the gateway gets it.
Message answered(CoreScene& scene, const Message& rung) {
  scene.receive(from_desk, answer(rung, 200, "d", "sip:bob@192.0.2.77", "v=0\r\n"));
  const Message ok = scene.take(kCarrier);
  scene.receive(from_gateway, from_caller("ACK", ok, 7));
  CHECK(scene.take(kDesk).is("ACK"));
  return ok;
}

Message with_sdp(Message message, std::string_view sdp = "v=0\r\n") {
  message.set_body(std::string{sdp}, "application/sdp");
  return message;
}

Message reliable(Message response, unsigned number) {
  response.append("Require", "100rel");
  response.append("RSeq", std::to_string(number));
  return response;
}

Message prack(const Message& provisional, unsigned cseq, std::string_view acknowledged) {
  Message message = from_caller("PRACK", provisional, cseq);
  message.append("RAck", acknowledged);
  return message;
}

}  // namespace

TEST_CASE("reliable provisional responses arrive in order and are acknowledged end to end", "[core][rfc3262]") {
  CoreScene scene;
  const Message rung = call_desk(scene);
  scene.receive(from_desk, reliable(answer(rung, 183, "d", "sip:bob@192.0.2.77", "v=0\r\n"), 41));
  scene.receive(from_desk, reliable(answer(rung, 180, "d", "sip:bob@192.0.2.77"), 42));
  const Message progress = scene.take(kCarrier);
  CHECK(progress.status() == 183);
  CHECK(progress.get("RSeq") == "41");
  CHECK(progress.body() == "v=0\r\ns=answer\r\n");
  CHECK(scene.take(kCarrier).get("RSeq") == "42");
  SECTION("PRACK without a description") {
    scene.receive(from_gateway, prack(progress, 8, "41 7 INVITE"));
    const Message acknowledged = scene.take(kDesk);
    CHECK(acknowledged.get("RAck") == "41 7 INVITE");
    scene.receive(from_desk, answer(acknowledged, 200, "d"));
    CHECK(scene.take(kCarrier).status() == 200);
  }
  SECTION("PRACK with a new offer; its answer comes in the 200") {
    scene.receive(from_gateway, with_sdp(prack(progress, 8, "41 7 INVITE")));
    const Message offered = scene.take(kDesk);
    CHECK(offered.body() == "v=0\r\ns=offer\r\n");
    CHECK(scene.relays.asked.back().request.from_tag == "caller");
    scene.receive(from_desk, answer(offered, 200, "d", {}, "v=0\r\n"));
    CHECK(scene.take(kCarrier).body() == "v=0\r\ns=answer\r\n");
    CHECK(scene.relays.asked.back().request.via_branch == offered.top_via()->branch());
  }
}

TEST_CASE("an early UPDATE passes through the relay in both directions", "[core][rfc3311]") {
  CoreScene scene;
  const Message rung = call_desk(scene);
  scene.receive(from_desk, reliable(answer(rung, 183, "d", "sip:bob@192.0.2.77", "v=0\r\n"), 1));
  const Message progress = scene.take(kCarrier);
  SECTION("the caller's") {
    scene.receive(from_gateway, with_sdp(from_caller("UPDATE", progress, 9)));
    const Message update = scene.take(kDesk);
    CHECK(update.body() == "v=0\r\ns=offer\r\n");
    scene.receive(from_desk, answer(update, 200, "d", {}, "v=0\r\n"));
    CHECK(scene.take(kCarrier).body() == "v=0\r\ns=answer\r\n");
  }
  SECTION("the callee's, refused because both offered") {
    scene.receive(from_desk, with_sdp(from_callee("UPDATE", rung, "d", 1)));
    const Message update = scene.take(kCarrier);
    CHECK(update.body() == "v=0\r\ns=offer\r\n");
    CHECK(scene.relays.asked.back().request.from_tag == "d");
    scene.receive(from_gateway, answer(update, 491, "caller"));
    CHECK(scene.take(kDesk).status() == 491);
    CHECK(scene.relays.commands().back() == ng::Command::Delete);
  }
}

TEST_CASE("a re-INVITE without a description gets its offer from the other end", "[core][rfc3264]") {
  CoreScene scene;
  const Message rung = call_desk(scene);
  const Message ok = answered(scene, rung);
  Message again = from_caller("INVITE", ok, 9);
  again.append("Contact", "<sip:gw@203.0.113.5>");
  scene.receive(from_gateway, again);
  const Message asked = scene.take(kDesk);
  CHECK_FALSE(asked.has_sdp());
  SECTION("in the 200, answered in the ACK") {
    scene.receive(from_desk, answer(asked, 200, "d", "sip:bob@192.0.2.77", "v=0\r\n"));
    const Message offered = scene.take(kCarrier);
    CHECK(offered.body() == "v=0\r\ns=offer\r\n");
    scene.receive(from_gateway, with_sdp(from_caller("ACK", ok, 9)));
    CHECK(scene.take(kDesk).body() == "v=0\r\ns=answer\r\n");
    CHECK(scene.relays.asked.back().request.from_tag == "d");
  }
  SECTION("in a reliable 183, answered in the PRACK") {
    scene.receive(from_desk, reliable(answer(asked, 183, "d", "sip:bob@192.0.2.77", "v=0\r\n"), 5));
    CHECK(scene.take(kCarrier).body() == "v=0\r\ns=offer\r\n");
    Message acknowledged = with_sdp(from_caller("PRACK", ok, 10));
    acknowledged.append("RAck", "5 9 INVITE");
    scene.receive(from_gateway, acknowledged);
    CHECK(scene.take(kDesk).body() == "v=0\r\ns=answer\r\n");
    CHECK(scene.relays.asked.back().request.from_tag == "d");
  }
}

TEST_CASE("a PRACK for a re-INVITE with an offer offers anew, however the call began", "[core][rfc3262]") {
  CoreScene scene;
  const Message rung = call_desk(scene, "");
  scene.receive(from_desk, answer(rung, 200, "d", "sip:bob@192.0.2.77", "v=0\r\n"));
  const Message ok = scene.take(kCarrier);
  scene.receive(from_gateway, with_sdp(from_caller("ACK", ok, 7)));
  CHECK(scene.take(kDesk).is("ACK"));
  Message again = with_sdp(from_caller("INVITE", ok, 9));
  again.append("Contact", "<sip:gw@203.0.113.5>");
  scene.receive(from_gateway, again);
  scene.receive(from_desk, reliable(answer(scene.take(kDesk), 183, "d", "sip:bob@192.0.2.77", "v=0\r\n"), 5));
  CHECK(scene.take(kCarrier).body() == "v=0\r\ns=answer\r\n");
  Message acknowledged = with_sdp(from_caller("PRACK", ok, 10));
  acknowledged.append("RAck", "5 9 INVITE");
  scene.receive(from_gateway, acknowledged);
  CHECK(scene.take(kDesk).body() == "v=0\r\ns=offer\r\n");
}

TEST_CASE("re-INVITEs that cross are each answered 491 by the other end, and the call goes on", "[core][rfc3261]") {
  CoreScene scene;
  const Message rung = call_desk(scene);
  const Message ok = answered(scene, rung);
  Message ours = with_sdp(from_caller("INVITE", ok, 9));
  ours.append("Contact", "<sip:gw@203.0.113.5>");
  Message theirs = with_sdp(from_callee("INVITE", rung, "d", 1));
  theirs.append("Contact", "<sip:bob@192.0.2.77>");
  scene.receive(from_gateway, ours);
  scene.receive(from_desk, theirs);
  const Message at_desk = scene.take(kDesk);
  const Message at_gateway = scene.take(kCarrier);
  scene.receive(from_desk, answer(at_desk, 491, "d"));
  scene.receive(from_gateway, answer(at_gateway, 491, "caller"));
  CHECK(scene.take(kDesk).is("ACK"));
  CHECK(scene.take(kDesk).status() == 491);
  CHECK(scene.take(kCarrier).status() == 491);
  CHECK(scene.take(kCarrier).is("ACK"));
  scene.receive(from_gateway, from_caller("BYE", ok, 10));
  CHECK(scene.take(kDesk).is("BYE"));
}

TEST_CASE("REFER, its NOTIFY and the INVITE that replaces a call pass with their fields untouched", "[core][rfc3515]") {
  CoreScene scene;
  const Message rung = call_desk(scene);
  const Message ok = answered(scene, rung);
  const std::string refer_to = "<sip:carol@example.org?Replaces=c%40x%3Bto-tag%3D1%3Bfrom-tag%3D2&Require=replaces>";
  Message refer = from_caller("REFER", ok, 8);
  refer.append("Refer-To", refer_to);
  refer.append("Referred-By", "<sip:gw@203.0.113.5>");
  refer.append("Contact", "<sip:gw@203.0.113.5>");
  scene.receive(from_gateway, refer);
  const Message referred = scene.take(kDesk);
  CHECK(referred.get("Refer-To") == refer_to);
  CHECK(referred.get("Referred-By") == "<sip:gw@203.0.113.5>");
  scene.receive(from_desk, answer(referred, 202, "d"));
  CHECK(scene.take(kCarrier).status() == 202);
  Message notify = from_callee("NOTIFY", rung, "d", 1);
  notify.append("Event", "refer");
  notify.append("Subscription-State", "terminated;reason=noresource");
  notify.set_body("SIP/2.0 200 OK\r\n", "message/sipfrag;version=2.0");
  scene.receive(from_desk, notify);
  const Message told = scene.take(kCarrier);
  CHECK(told.body() == "SIP/2.0 200 OK\r\n");
  CHECK(told.get("Subscription-State") == "terminated;reason=noresource");
  Message replacing = invite("+49", "sip:bob@example.org", kGateway);
  replacing.set("Call-ID", "call-2");
  replacing.append("Replaces", "call-1;to-tag=d;from-tag=caller");
  replacing.append("Require", "replaces");
  scene.receive(from_gateway, replacing);
  CHECK(scene.take(kDesk).get("Replaces") == "call-1;to-tag=d;from-tag=caller");
}

TEST_CASE("REFER outside of a dialog opens one, in which its NOTIFY comes back", "[core][rfc3515]") {
  CoreScene scene;
  scene.bind("bob", "sip:bob@192.0.2.77", from_desk);
  Message refer = of_carrier(bare("REFER", "sip:bob@example.org"));
  refer.set("Contact", "<sip:gw@203.0.113.5>");
  refer.append("Refer-To", "<sip:carol@example.org>");
  scene.receive(from_gateway, refer);
  const Message referred = scene.take(kDesk);
  CHECK(referred.all("Record-Route").size() == 1);
  scene.receive(from_desk, from_callee("NOTIFY", referred, "d", 1));
  const Message notify = scene.take(kCarrier);
  scene.receive(from_gateway, answer(notify, 200, "t"));
  CHECK(scene.take(kDesk).status() == 200);
}

TEST_CASE("a subscription that its NOTIFY opens is refreshed and ended over the same way", "[core][rfc6665]") {
  CoreScene scene;
  scene.bind("bob", "sip:bob@192.0.2.77", from_desk);
  Message subscribe = of_carrier(bare("SUBSCRIBE", "sip:bob@example.org"));
  subscribe.set("Contact", "<sip:gw@203.0.113.5>");
  subscribe.append("Event", "presence");
  subscribe.append("Expires", "600");
  scene.receive(from_gateway, subscribe);
  const Message subscribed = scene.take(kDesk);
  CHECK(subscribed.get("Event") == "presence");
  // The NOTIFY overtakes the 200: it alone tells the subscriber the route, RFC 6665 §4.4.1.
  Message notify = from_callee("NOTIFY", subscribed, "d", 1);
  notify.append("Contact", "<sip:bob@192.0.2.77>");
  notify.append("Event", "presence");
  notify.append("Subscription-State", "active;expires=600");
  scene.receive(from_desk, notify);
  const Message first = scene.take(kCarrier);
  REQUIRE(first.all("Record-Route").size() == 1);
  scene.receive(from_gateway, answer(first, 200, "t"));
  CHECK(scene.take(kDesk).status() == 200);
  scene.receive(from_desk, answer(subscribed, 200, "d", "sip:bob@192.0.2.77"));
  CHECK(scene.take(kCarrier).status() == 200);
  Message refresh = from_callee("SUBSCRIBE", first, "t", 8);  // towards who sent the NOTIFY, over its Record-Route
  refresh.set("From", first.get("To"));
  refresh.set("To", first.get("From"));
  scene.receive(from_gateway, refresh);
  CHECK(scene.take(kDesk).is("SUBSCRIBE"));
  SECTION("another tag is another dialog, which this route does not lead to") {
    Message stolen = refresh;
    stolen.set("To", "<sip:bob@example.org>;tag=other");
    stolen.replace_at("Via", 0, "SIP/2.0/UDP 203.0.113.5;branch=z9hG4bKstolen");
    scene.receive(from_gateway, stolen);
    CHECK(scene.take(kCarrier).status() == 403);
  }
}

TEST_CASE("INFO and methods that nobody here knows pass inside a dialog and outside", "[core][rfc6086]") {
  CoreScene scene;
  const Message ok = answered(scene, call_desk(scene));
  for (const auto* method : {"INFO", "MESSAGE", "OPTIONS", "NEWMETHOD"}) {
    Message request = from_caller(method, ok, 20);
    request.append("NewFangledHeader", "a, b;c=d");
    request.set_body("Signal=5\r\n", "application/dtmf-relay");
    scene.receive(from_gateway, request);
    const Message passed = scene.take(kDesk);
    CHECK(passed.is(method));
    CHECK(passed.body() == "Signal=5\r\n");
    CHECK(passed.get("NewFangledHeader") == "a, b;c=d");
    CHECK_FALSE(passed.has("Record-Route"));
    scene.receive(from_desk, answer(passed, 200, "d"));
    CHECK(scene.take(kCarrier).status() == 200);
  }
  for (const auto* method : {"MESSAGE", "OPTIONS", "NEWMETHOD"}) {
    scene.receive(from_gateway, of_carrier(bare(method, "sip:bob@example.org")));
    const Message passed = scene.take(kDesk);
    CHECK(passed.is(method));
    CHECK_FALSE(passed.has("Record-Route"));
  }
}

TEST_CASE("a GRUU is somebody else's to read: it passes in Contact and Request-URI", "[core][rfc5627]") {
  CoreScene scene;
  const std::string gruu = "sip:bob@192.0.2.77;gr=urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
  const Message rung = call_desk(scene);
  scene.receive(from_desk, answer(rung, 200, "d", gruu, "v=0\r\n"));
  const Message ok = scene.take(kCarrier);
  CHECK(ok.get("Contact") == '<' + gruu + '>');
  scene.receive(from_gateway, from_caller("BYE", ok, 8));
  CHECK(scene.take(kDesk).request_uri() == gruu);
}
