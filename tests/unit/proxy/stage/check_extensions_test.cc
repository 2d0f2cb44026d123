#include <catch2/catch.hpp>

#include "proxy/stage/stages.h"
#include "tests/support/calls.h"

using namespace tests;
using proxy::sip::Message;

TEST_CASE("an extension that this proxy does not know is named in 420", "[stage][rfc3261]") {
  CoreScene scene;
  Message message = bare("INVITE", "sip:bob@example.org");
  message.append("Proxy-Require", "foo , bar");
  message.append("Proxy-Require", "outbound");
  scene.receive(CoreScene::udp(kPhone), message);
  const Message response = scene.take(kPhone);
  CHECK(response.status() == 420);
  CHECK(response.get("Unsupported") == "foo, bar, outbound");
}

TEST_CASE("what a request demands of its callee is not the proxy's affair", "[stage][rfc3261]") {
  Message message = of_carrier(bare("INVITE", "sip:bob@example.org"));
  message.append("Require", "100rel, foo");
  CHECK(first_answer(kCarrier, message) == 480);
}
