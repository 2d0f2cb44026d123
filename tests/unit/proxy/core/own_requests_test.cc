#include "proxy/core/own_requests.h"

#include <catch2/catch.hpp>

#include "tests/support/calls.h"

using namespace tests;
using proxy::sip::Message;

TEST_CASE("media that has ended ends the call at both ends", "[core][pair]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  const Message rung = scene.take("flow 11");
  scene.receive(kBrowser, answer(rung, 200, "callee", "sip:x@y.invalid", "v=0\r\n"));
  const Message ok = scene.take(kCarrier);
  const std::string blob = scene.relays.asked.back().request.teardown_blob;

  CoreScene survivor;
  survivor.bind("bob", "sip:x@y.invalid", kBrowser);
  CHECK_FALSE(survivor.core().on_teardown("forged"));
  CHECK(survivor.core().on_teardown(blob));
  survivor.settle();
  const Message to_trunk = survivor.take(kCarrier);
  CHECK(to_trunk.is("BYE"));
  CHECK(to_trunk.request_uri() == "sip:gw@203.0.113.5");
  CHECK(to_trunk.from_tag() == "callee");
  CHECK(to_trunk.to_tag() == "caller");
  CHECK(to_trunk.cseq()->number > 1000);
  const Message to_browser = survivor.take("flow 11");
  CHECK(to_browser.is("BYE"));
  CHECK(to_browser.cseq()->number > 1000);
}

TEST_CASE("a BYE of ours takes the way that the trunk's Contact names", "[core][pair]") {
  CoreScene scene;
  const Message out = call_out(scene);
  scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5:5070", "v=0\r\n"));
  CHECK(scene.core().on_teardown(scene.relays.asked.back().request.teardown_blob));
  scene.settle();
  CHECK(scene.take("203.0.113.5:5070").is("BYE"));
}
