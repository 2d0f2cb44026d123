#include "proxy/core/forward.h"

#include <catch2/catch.hpp>

#include "tests/support/calls.h"

using namespace tests;
using proxy::sip::Message;

TEST_CASE("a number cannot smuggle parameters or a host into the trunk's Request-URI", "[core][attack]") {
  CoreScene scene;
  const Message out =
      call_out(scene, invite("alice", "sip:+4930%3Brn=+1900555%40evil@example.org", "sip:alice@192.0.2.99"));
  CHECK(out.request_uri() == "sip:+4930%3Brn%3D+1900555%40evil@203.0.113.5");
}

TEST_CASE("a trunk gets the domain it wants in From, the caller gets its own back", "[core][trunk]") {
  proxy::trunk::Trunk trunk;
  trunk.name = "carrier";
  trunk.host = "203.0.113.5";
  trunk.from_domain = "carrier.example";
  CoreScene scene{{trunk}};
  const Message out = call_out(scene);
  CHECK(out.from()->uri.to_string() == "sip:alice@carrier.example");
  scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  const Message ok = scene.take(kPhone);
  CHECK(ok.from()->uri.to_string() == "sip:alice@example.org");
  scene.receive(CoreScene::udp(kPhone), from_caller("INFO", ok, 9));
  CHECK(scene.take(kCarrier).from()->uri.to_string() == "sip:alice@carrier.example");
}

TEST_CASE("credentials for us stay with us", "[core][attack]") {
  CoreScene scene;
  const Message out = call_out(scene);
  scene.receive(CoreScene::udp(kCarrier), answer(out, 200, "t1", "sip:gw@203.0.113.5", "v=0\r\n"));
  Message ack = from_caller("ACK", scene.take(kPhone), 8);
  ack.append("Proxy-Authorization",
             "Digest username=\"alice\", realm=\"example.org\", nonce=\"n\", uri=\"sip:x\", response=\"r\"");
  scene.receive(CoreScene::udp(kPhone), ack);
  CHECK_FALSE(scene.take(kCarrier).has("Proxy-Authorization"));
}

TEST_CASE("a user does not see the identity of a caller who wants privacy", "[core][rfc3325]") {
  proxy::trunk::Trunk trunk;
  trunk.name = "carrier";
  trunk.host = "203.0.113.5";
  trunk.trusted_identity = true;
  CoreScene scene{{trunk}};
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  Message request = invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5");
  request.append("P-Asserted-Identity", "<sip:+4930999@carrier.example>");
  SECTION("asked for") { request.append("Privacy", "header; id"); }
  SECTION("not asked for") { request.append("Privacy", "none"); }
  const bool is_private = request.get("Privacy") != "none";
  scene.receive(CoreScene::udp(kCarrier), request);
  CHECK(scene.take("flow 11").has("P-Asserted-Identity") != is_private);
}

TEST_CASE("a user asserts no identity in a response", "[core][rfc3325]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  Message ok = answer(scene.take("flow 11"), 200, "callee", "sip:x@y.invalid", "v=0\r\n");
  ok.append("P-Asserted-Identity", "<sip:+491555@example.org>");
  scene.receive(kBrowser, ok);
  CHECK_FALSE(scene.take(kCarrier).has("P-Asserted-Identity"));
}

TEST_CASE("a strict router gets the request in its own way", "[core][rfc3261]") {  // §16.6 step 6
  CoreScene scene;
  const Message out = call_out(scene);
  Message accepted = answer(out, 200, "t1", "sip:gw@203.0.113.5:5080", "v=0\r\n");
  accepted.prepend("Record-Route", "<sip:203.0.113.5:5070>");
  accepted.prepend("Record-Route", "<sip:behind.example;lr>");
  scene.receive(CoreScene::udp(kCarrier), accepted);
  scene.receive(CoreScene::udp(kPhone), from_caller("BYE", scene.take(kPhone), 9));
  const Message bye = scene.take("203.0.113.5:5070");
  CHECK(bye.request_uri() == "sip:203.0.113.5:5070");
  CHECK(bye.all("Route") == std::vector<std::string>{"<sip:behind.example;lr>", "<sip:gw@203.0.113.5:5080>"});
}
