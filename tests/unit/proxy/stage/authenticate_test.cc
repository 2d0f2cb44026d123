#include <catch2/catch.hpp>

#include "proxy/stage/stages.h"
#include "tests/support/calls.h"

using namespace tests;
using proxy::sip::Message;

TEST_CASE("a stranger is asked for credentials before he learns who is here", "[stage][attack]") {
  CHECK(first_answer(kPhone, bare("INVITE", "sip:bob@example.org")) == 407);
  CHECK(first_answer(kPhone, bare("INVITE", "sip:nobody@example.org")) == 407);
  CHECK(first_answer(kPhone, bare("MESSAGE", "sip:bob@elsewhere.example")) == 407);
  CHECK(first_answer(kPhone, bare("OPTIONS", "sip:bob@example.org")) == 407);
}

TEST_CASE("whoever is no trunk proves to be the user of From", "[stage][auth]") {
  CoreScene scene;
  const Message out = call_out(scene);
  CHECK(out.request_uri() == "sip:+4930123@203.0.113.5");
  CHECK_FALSE(out.has("Proxy-Authorization"));
  const auto answer_as_alice = [&](Message request) {
    request.set("Call-ID", "call-2");
    scene.receive(CoreScene::udp(kPhone), request);
    const Message challenge = scene.take(kPhone);
    scene.receive(CoreScene::udp(kPhone), scene.with_credentials(request, challenge, "alice"));
    return scene.take(kPhone).status();
  };
  Message other = bare("INVITE", "sip:+4930123@example.org");
  SECTION("not another one") { other.set("From", "<sip:bob@example.org>;tag=1"); }
  SECTION("not one of the same name elsewhere") { other.set("From", "<sip:alice@elsewhere.example>;tag=1"); }
  CHECK(answer_as_alice(other) == 403);
}

TEST_CASE("a user asserts no identity of his own", "[stage][rfc3325]") {
  CoreScene scene;
  Message request = invite("alice", "sip:+4930123@example.org", "sip:alice@192.0.2.99");
  request.append("P-Asserted-Identity", "<sip:+491555@example.org>");
  request.append("Remote-Party-ID", "<sip:+491555@example.org>");
  const Message out = call_out(scene, request);
  CHECK_FALSE(out.has("P-Asserted-Identity"));
  CHECK_FALSE(out.has("Remote-Party-ID"));
}
