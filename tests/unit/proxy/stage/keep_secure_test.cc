#include <catch2/catch.hpp>

#include "proxy/stage/stages.h"
#include "tests/support/calls.h"

using namespace tests;
using proxy::sip::Message;

TEST_CASE("a SIPS URI is reached over encrypted hops or not at all", "[stage][rfc5630]") {
  CoreScene scene;
  scene.bind("bob", "sip:bob@192.0.2.77", CoreScene::udp("192.0.2.77:5060"));
  const Message request = invite("+49", "sips:bob@example.org", "sip:gw@203.0.113.5");
  SECTION("nobody there") {
    scene.receive(CoreScene::udp(kCarrier), request);
    const Message refused = scene.take(kCarrier);
    CHECK(refused.status() == 480);
    CHECK(refused.get("Warning") == "380 example.org \"SIPS Not Allowed\"");
  }
  SECTION("a browser") {
    scene.bind("bob", "sip:x@y.invalid", CoreScene::wss(11));
    scene.receive(CoreScene::udp(kCarrier), request);
    const Message rung = scene.take("flow 11");
    CHECK(rung.get("Record-Route").starts_with("<sips:"));
    CHECK(rung.get("Record-Route").find(";transport=ws") != std::string_view::npos);
    CHECK(scene.nothing_to("192.0.2.77:5060"));
    scene.receive(CoreScene::wss(11), answer(rung, 200, "b", "sip:x@y.invalid"));
    CHECK(scene.take(kCarrier).get("Record-Route").starts_with("<sip:"));
  }
}

TEST_CASE("of a user agent's flows a SIPS URI takes the encrypted ones", "[stage][rfc5630][rfc5626]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@tls.invalid", CoreScene::wss(21), "urn:uuid:1", 1);
  scene.bind("bob", "sip:x@tcp.invalid", CoreScene::tcp("192.0.2.77:4000", 22), "urn:uuid:1", 2);
  scene.receive(CoreScene::udp(kCarrier), invite("+49", "sips:bob@example.org", "sip:gw@203.0.113.5"));
  const Message rung = scene.take("flow 21");
  scene.receive(CoreScene::wss(21), answer(rung, 430, "edge"));
  CHECK(scene.nothing_to("flow 22"));
  CHECK(scene.take(kCarrier).status() == 430);
}
