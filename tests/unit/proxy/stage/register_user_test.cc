#include <catch2/catch.hpp>

#include "proxy/stage/stages.h"
#include "tests/support/calls.h"

using namespace tests;
using proxy::sip::Message;

TEST_CASE("a user registers with credentials, for its own address only, and is then found", "[stage][rfc3261]") {
  CoreScene scene;
  Message message = bare("REGISTER", "sip:example.org");
  message.set("To", "<sip:alice@example.org>");
  const auto browser = CoreScene::wss(11);
  scene.receive(browser, message);
  const Message challenge = scene.take("flow 11");
  REQUIRE(challenge.status() == 401);

  scene.receive(browser, scene.with_credentials(message, challenge, "bob"));
  CHECK(scene.take("flow 11").status() == 403);

  message.set("Call-ID", "call-2");
  scene.receive(browser, message);
  scene.receive(browser, scene.with_credentials(message, scene.take("flow 11"), "alice"));
  const Message ok = scene.take("flow 11");
  CHECK(ok.status() == 200);
  CHECK(ok.get("Contact").starts_with("<sip:alice@192.0.2.99>;expires="));
  CHECK_FALSE(ok.to_tag().empty());

  Message call = of_carrier(bare("INVITE", "sip:alice@example.org"));
  call.set("Call-ID", "call-3");
  scene.receive(CoreScene::udp(kCarrier), call);
  CHECK(scene.take("flow 11").is("INVITE"));
}

TEST_CASE("registrations of another domain are not kept here, and nobody is asked who he is", "[stage][rfc3261]") {
  CHECK(first_answer(kPhone, bare("REGISTER", "sip:elsewhere.example")) == 404);
}

TEST_CASE("a user's address in another domain is not his here", "[stage][attack]") {
  CoreScene scene;
  Message message = bare("REGISTER", "sip:example.org");
  message.set("To", "<sip:alice@elsewhere.example>");
  scene.receive(CoreScene::udp(kPhone), message);
  scene.receive(CoreScene::udp(kPhone), scene.with_credentials(message, scene.take(kPhone), "alice"));
  CHECK(scene.take(kPhone).status() == 403);
}

TEST_CASE("a contact that nobody could call is refused", "[stage][rfc3261]") {
  CoreScene scene;
  Message message = bare("REGISTER", "sip:example.org");
  message.set("To", "<sip:alice@example.org>");
  message.set("Contact", "<mailto:alice@example.org>");
  scene.receive(CoreScene::udp(kPhone), message);
  scene.receive(CoreScene::udp(kPhone), scene.with_credentials(message, scene.take(kPhone), "alice"));
  CHECK(scene.take(kPhone).status() == 400);
}
