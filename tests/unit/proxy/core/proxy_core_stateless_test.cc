#include <catch2/catch.hpp>

#include "tests/support/calls.h"

using namespace tests;
using proxy::sip::Message;

TEST_CASE("another process with the same secret carries a call on that it has never seen", "[core][pair]") {
  CoreScene first;
  const Message out = call_out(first);
  first.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  const Message ok = first.take(kPhone);

  CoreScene survivor;
  survivor.receive(CoreScene::udp(kPhone), from_caller("ACK", ok, 8));
  CHECK(survivor.take(kCarrier).is("ACK"));
  survivor.receive(CoreScene::udp(kPhone), from_caller("INFO", ok, 9));
  const Message info = survivor.take(kCarrier);
  CHECK(survivor.core().counters().stateless_requests == 1);

  SECTION("its responses find home by the Via cookie") {
    CoreScene third;
    third.receive(CoreScene::udp(kCarrier), answer(info, 200, "x"));
    CHECK(third.take(kPhone).status() == 200);
  }
  SECTION("but only from the trunk that was asked") {
    survivor.receive(CoreScene::udp("203.0.113.66:5060"), answer(info, 200, "x"));
    CHECK(survivor.nothing_to(kPhone));
    CHECK(survivor.core().counters().refused_responses == 1);
  }
  SECTION("and with the Via that was sealed") {
    Message forged = answer(info, 200, "x");
    forged.replace_at("Via", 1, "SIP/2.0/UDP 192.0.2.66:5060;rport=5060;received=192.0.2.66;branch=z9hG4bKx");
    survivor.receive(CoreScene::udp(kCarrier), forged);
    CHECK(survivor.nothing_to("192.0.2.66:5060"));
  }
  SECTION("a retransmission reaches it as the same client transaction") {
    const Message repeat = from_caller("BYE", ok, 10);
    survivor.receive(CoreScene::udp(kPhone), repeat);
    CoreScene third;
    third.receive(CoreScene::udp(kPhone), repeat);
    CHECK(survivor.take(kCarrier).top_via()->branch() == third.take(kCarrier).top_via()->branch());
  }
  SECTION("BYE of the trunk goes to the phone") {
    survivor.receive(CoreScene::udp(kCarrier), from_callee("BYE", out, "t1", 1));
    CHECK(survivor.take(kPhone).is("BYE"));
  }
}

TEST_CASE("CANCEL of a re-INVITE reaches the callee through a process that has not seen the INVITE", "[core][pair]") {
  CoreScene first;
  const Message out = call_out(first);
  first.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  const Message ok = first.take(kPhone);
  const Message hold = from_caller("INVITE", ok, 9);
  first.receive(CoreScene::udp(kPhone), hold);
  const Message forwarded = first.take(kCarrier);
  Message cancel = Message::request("CANCEL", hold.request_uri());
  for (const auto* name : {"Via", "Route", "From", "To", "Call-ID"}) cancel.append(name, hold.get(name));
  cancel.append("Max-Forwards", "70");
  cancel.append("CSeq", "9 CANCEL");

  SECTION("its branch is that of the INVITE") {
    CoreScene survivor;
    survivor.receive(CoreScene::udp(kPhone), cancel);
    const Message passed = survivor.take(kCarrier);
    CHECK(passed.is("CANCEL"));
    CHECK(passed.top_via()->branch() == forwarded.top_via()->branch());
    CHECK(survivor.nothing_to(kPhone));
    survivor.receive(CoreScene::udp(kCarrier), answer(passed, 200, "t1"));
    CHECK(survivor.take(kPhone).status() == 200);
  }
  SECTION("from elsewhere it is refused, and never challenged") {
    CoreScene survivor;
    survivor.receive(CoreScene::udp("192.0.2.66:5060"), cancel);
    CHECK(survivor.take("192.0.2.66:5060").status() == 403);
    CHECK(survivor.nothing_to(kCarrier));
  }
  SECTION("without a cookie there is nothing to cancel") {
    CoreScene survivor;
    cancel.remove("Route");
    survivor.receive(CoreScene::udp(kPhone), cancel);
    CHECK(survivor.take(kPhone).status() == 481);
  }
}

TEST_CASE("what the old secret has sealed is good as long as it is known", "[core][pair]") {
  CoreScene first;
  const Message out = call_out(first);
  first.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  const Message ok = first.take(kPhone);
  CoreScene later;
  SECTION("beside the new one") {
    later.use_secrets("new", "secret");
    later.receive(CoreScene::udp(kPhone), from_caller("BYE", ok, 9));
    CHECK(later.take(kCarrier).is("BYE"));
    later.receive(CoreScene::udp(kCarrier), from_callee("INFO", out, "t1", 1));
    CHECK(later.take(kPhone).is("INFO"));
  }
  SECTION("and no longer") {
    later.use_secrets("new", std::nullopt);
    later.receive(CoreScene::udp(kPhone), from_caller("BYE", ok, 9));
    CHECK(later.take(kPhone).status() == 481);
  }
}
