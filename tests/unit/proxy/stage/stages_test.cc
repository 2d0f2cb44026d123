#include "proxy/stage/stages.h"

#include <catch2/catch.hpp>

#include "tests/support/core_scene.h"

using namespace tests;
using proxy::sip::Message;

namespace {

constexpr auto kPhone = "192.0.2.99:5060";
constexpr auto kCarrier = "203.0.113.5:5060";

Message request(std::string_view method, std::string_view uri) {
  Message message = invite("alice", uri, "sip:alice@192.0.2.99", "");
  Message other = Message::request(method, uri);
  for (const auto& header : message.headers()) other.append(header.name, header.value);
  other.set("CSeq", "7 " + std::string{method});
  return other;
}

int refusal(std::string_view from, const Message& message) {
  CoreScene scene;
  scene.receive(CoreScene::udp(from), message);
  return scene.take(from).status();
}

}  // namespace

TEST_CASE("OPTIONS to the proxy itself is a sign of life for anybody", "[stage]") {
  CoreScene scene;
  scene.receive(CoreScene::udp(kPhone), request("OPTIONS", "sip:example.org"));
  const Message response = scene.take(kPhone);
  CHECK(response.status() == 200);
  CHECK(response.get("Allow").find("INVITE") != std::string_view::npos);
}

TEST_CASE("an extension that this proxy does not know is named in 420", "[stage][rfc3261]") {
  CoreScene scene;
  Message message = request("INVITE", "sip:bob@example.org");
  message.append("Proxy-Require", "foo, bar");
  scene.receive(CoreScene::udp(kPhone), message);
  const Message response = scene.take(kPhone);
  CHECK(response.status() == 420);
  CHECK(response.get("Unsupported") == "foo, bar");
}

TEST_CASE("a stranger is asked for credentials before he learns who is here", "[stage][attack]") {
  CHECK(refusal(kPhone, request("INVITE", "sip:bob@example.org")) == 407);
  CHECK(refusal(kPhone, request("INVITE", "sip:nobody@example.org")) == 407);
  CHECK(refusal(kPhone, request("MESSAGE", "sip:bob@elsewhere.example")) == 407);
}

TEST_CASE("a trunk reaches users of ours and nobody else, no other trunk either", "[stage][attack]") {
  CHECK(refusal(kCarrier, request("INVITE", "sip:+4930123@example.org")) == 407);  // it says to be alice
  Message foreign = request("INVITE", "sip:+4930123@example.org");
  foreign.set("From", "<sip:+49@carrier.example>;tag=t");
  CHECK(refusal(kCarrier, foreign) == 404);
  foreign.set_request_uri("sip:bob@example.org");
  CHECK(refusal(kCarrier, foreign) == 480);
  foreign.set_request_uri("sip:bob@elsewhere.example");
  CHECK(refusal(kCarrier, foreign) == 404);
}

TEST_CASE("a TLS trunk is not recognised by an address that a datagram may have forged", "[stage][attack]") {
  proxy::trunk::Trunk trunk;
  trunk.name = "carrier";
  trunk.host = "203.0.113.5";
  trunk.transport = proxy::transport::Kind::Tls;
  CoreScene scene{{trunk}};
  Message forged = request("INVITE", "sip:bob@example.org");
  forged.set("From", "<sip:+49@carrier.example>;tag=t");
  scene.receive(CoreScene::udp(kCarrier), forged);
  CHECK(scene.take(kCarrier).status() == 407);
}

TEST_CASE("a user registers with credentials, for its own address only, and is then found", "[stage][rfc3261]") {
  CoreScene scene;
  Message message = request("REGISTER", "sip:example.org");
  message.set("To", "<sip:alice@example.org>");
  const auto browser = CoreScene::wss(11);
  scene.receive(browser, message);
  const Message challenge = scene.take("flow 11");
  REQUIRE(challenge.status() == 401);

  Message stolen = scene.with_credentials(message, challenge, "bob");
  scene.receive(browser, stolen);
  CHECK(scene.take("flow 11").status() == 403);

  message.set("Call-ID", "call-2");
  scene.receive(browser, message);
  scene.receive(browser, scene.with_credentials(message, scene.take("flow 11"), "alice"));
  const Message ok = scene.take("flow 11");
  CHECK(ok.status() == 200);
  CHECK(ok.get("Contact").starts_with("<sip:alice@192.0.2.99>;expires="));

  Message call = request("INVITE", "sip:alice@example.org");
  call.set("From", "<sip:+49@carrier.example>;tag=t");
  call.set("Call-ID", "call-3");
  scene.receive(CoreScene::udp(kCarrier), call);
  CHECK(scene.take("flow 11").is("INVITE"));
}

TEST_CASE("a user asserts no identity inside a dialog either", "[stage][rfc3325]") {
  CoreScene scene;
  scene.bind("bob", "sip:x@y.invalid", CoreScene::wss(11));
  scene.receive(CoreScene::udp(kCarrier), invite("+49", "sip:bob@example.org", "sip:gw@203.0.113.5"));
  const Message rung = scene.take("flow 11");
  scene.receive(CoreScene::wss(11), answer(rung, 200, "b", "sip:x@y.invalid", "v=0\r\n"));
  Message update = from_callee("UPDATE", rung, "b", 2);
  update.append("P-Asserted-Identity", "<sip:+491555@example.org>");
  scene.receive(CoreScene::wss(11), update);
  CHECK(scene.take(kCarrier).status() == 200);
  CHECK_FALSE(scene.take(kCarrier).has("P-Asserted-Identity"));
}
