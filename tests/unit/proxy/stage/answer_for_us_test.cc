#include <catch2/catch.hpp>

#include "proxy/stage/stages.h"
#include "tests/support/calls.h"

using namespace tests;
using proxy::sip::Message;

TEST_CASE("OPTIONS to the proxy itself is a sign of life for anybody", "[stage]") {
  CoreScene scene;
  scene.receive(CoreScene::udp(kPhone), bare("OPTIONS", "sip:example.org"));
  const Message response = scene.take(kPhone);
  CHECK(response.status() == 200);
  CHECK(response.get("Allow").find("INVITE") != std::string_view::npos);
  CHECK(response.get("Accept") == "application/sdp");
  CHECK(response.list_has("Supported", "path"));
  CHECK_FALSE(response.to_tag().empty());
  CHECK(first_answer(kPhone, bare("OPTIONS", "sip:198.51.100.1:5060")) == 200);
}

TEST_CASE("nobody but OPTIONS has business with the proxy itself", "[stage]") {
  CHECK(first_answer(kCarrier, of_carrier(bare("INVITE", "sip:example.org"))) == 404);
  CHECK(first_answer(kCarrier, of_carrier(bare("MESSAGE", "sip:198.51.100.1"))) == 404);
}

TEST_CASE("a domain that is not ours is not served", "[stage][attack]") {
  CHECK(first_answer(kPhone, bare("OPTIONS", "sip:elsewhere.example")) == 404);
  CHECK(first_answer(kCarrier, of_carrier(bare("INVITE", "sip:bob@elsewhere.example"))) == 404);
  CHECK(first_answer(kCarrier, of_carrier(bare("INVITE", "sip:bob@example.org"))) == 480);
}

TEST_CASE("a number without a domain is for whoever answers for it", "[stage][rfc3966]") {
  CoreScene scene;
  CHECK(call_out(scene, invite("alice", "tel:+4930123", "sip:alice@192.0.2.99")).request_uri() ==
        "sip:+4930123@203.0.113.5");
}
