#include <catch2/catch.hpp>

#include "proxy/stage/stages.h"
#include "tests/support/calls.h"

using namespace tests;
using proxy::sip::Message;

TEST_CASE("a trunk reaches users of ours and nobody else, no other trunk either", "[stage][attack]") {
  CHECK(first_answer(kCarrier, of_carrier(bare("INVITE", "sip:+4930123@example.org"))) == 404);
  CHECK(first_answer(kCarrier, of_carrier(bare("INVITE", "tel:+4930123"))) == 404);
  CHECK(first_answer(kCarrier, of_carrier(bare("INVITE", "sip:bob@example.org"))) == 480);
}

TEST_CASE("a trunk's number is that of the user it is mapped to, and nobody's without a rule", "[stage][trunk]") {
  proxy::trunk::Trunk trunk;
  trunk.name = "carrier";
  trunk.host = "203.0.113.5";
  trunk.inbound = {{*proxy::routing::Pattern::parse("+4930[1-4]"), "bob"},
                   {*proxy::routing::Pattern::parse("+4930[5-9]"), "nobody"}};
  CoreScene scene{{trunk}};
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  const auto called = [&](const std::string& number) {
    scene.receive(CoreScene::udp(kCarrier), of_carrier(bare("INVITE", "sip:" + number + "@example.org")));
  };
  SECTION("mapped") {
    called("+49304");
    CHECK(scene.take("flow 11").request_uri() == "sip:x@y.invalid");
  }
  SECTION("mapped to somebody who is not here") {
    called("+49305");
    CHECK(scene.take(kCarrier).status() == 404);
  }
  SECTION("not mapped") {
    called("+49300");
    CHECK(scene.take(kCarrier).status() == 404);
  }
  SECTION("a user's name is none of its numbers") {
    called("bob");
    CHECK(scene.take(kCarrier).status() == 404);
  }
}

TEST_CASE("a user calls a user by name, everybody else is a number", "[stage]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  const auto call = [&](const std::string& uri) {
    const Message request = invite("alice", uri, "sip:alice@192.0.2.99");
    scene.receive(CoreScene::udp(kPhone), request);
    scene.receive(CoreScene::udp(kPhone), scene.with_credentials(request, scene.take(kPhone), "alice"));
  };
  SECTION("bob") {
    call("sip:bob@example.org");
    CHECK(scene.take("flow 11").is("INVITE"));
    CHECK(scene.nothing_to(kCarrier));
  }
  SECTION("bob with an escape in his name") {
    call("sip:b%6Fb@example.org");
    CHECK(scene.take("flow 11").is("INVITE"));
  }
  SECTION("a number") {
    call("sip:+4930123@example.org");
    CHECK(scene.take(kCarrier).is("INVITE"));
  }
}

TEST_CASE("who is registered is rung at the best contact's place first", "[stage][rfc3261]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid", kBrowser);
  scene.bind("bob", "sip:bob@192.0.2.77", CoreScene::udp("192.0.2.77:5060"));
  scene.receive(CoreScene::udp(kCarrier), of_carrier(bare("INVITE", "sip:bob@example.org")));
  CHECK(scene.take("flow 11").request_uri() == "sip:x@y.invalid");
  CHECK(scene.take("192.0.2.77:5060").request_uri() == "sip:bob@192.0.2.77");
}
