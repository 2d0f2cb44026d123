#include <catch2/catch.hpp>

#include "proxy/stage/stages.h"
#include "tests/support/calls.h"

using namespace tests;
using namespace std::chrono_literals;
using proxy::sip::Message;

TEST_CASE("BYE for a browser that has gone ends the media of its call", "[stage][media]") {
  CoreScene first;
  first.bind("bob", "sip:x@y.invalid", CoreScene::wss(11));
  first.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  first.receive(CoreScene::wss(11), answer(first.take("flow 11"), 200, "b", "sip:x@y.invalid", "v=0\r\n"));
  const Message ok = first.take(kCarrier);

  CoreScene later;
  later.receive(CoreScene::udp(kCarrier), from_caller("BYE", ok, 8));
  CHECK(later.relays.commands() == std::vector{ng::Command::Delete});
  CHECK(later.nothing_to(kCarrier));
  later.advance(20s);
  CHECK(later.take(kCarrier).status() == 480);
  CHECK(later.relays.commands().size() == 1);
}

TEST_CASE("a browser that is away for a moment misses nothing of its call", "[stage][pair]") {
  CoreScene first;
  first.register_user("bob", "sip:x@y.invalid", CoreScene::wss(11));
  CHECK(first.take("flow 11").status() == 200);
  first.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  first.receive(CoreScene::wss(11), answer(first.take("flow 11"), 200, "b", "sip:x@y.invalid", "v=0\r\n"));
  const Message ok = first.take(kCarrier);

  CoreScene later;
  const Message bye = from_caller("BYE", ok, 8);
  later.receive(CoreScene::udp(kCarrier), bye);
  later.advance(5s);
  later.receive(CoreScene::udp(kCarrier), bye);
  CHECK(later.nothing_to(kCarrier));
  later.register_user("bob", "sip:x@y.invalid", CoreScene::wss(12));
  CHECK(later.take("flow 12").status() == 200);
  const Message passed = later.take("flow 12");
  CHECK(passed.is("BYE"));
  later.receive(CoreScene::wss(12), answer(passed, 200, "x"));
  CHECK(later.take(kCarrier).status() == 200);
}
