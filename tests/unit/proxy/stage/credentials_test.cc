#include <catch2/catch.hpp>

#include "proxy/stage/stages.h"
#include "tests/support/calls.h"

using namespace tests;
using proxy::sip::Message;

namespace {

/// Algorithms of the challenges to this request, in their order.
std::string challenges(const proxy::transport::Flow& flow, const std::string& to,
                       std::string_view user_agent = "phone") {
  CoreScene scene;
  Message request = bare("INVITE", "sip:bob@example.org");
  request.append("User-Agent", user_agent);
  scene.receive(flow, request);
  const Message response = scene.take(to);
  CHECK(response.status() == 407);
  CHECK_FALSE(response.has("WWW-Authenticate"));
  std::string names;
  for (const std::string& value : response.all("Proxy-Authenticate")) {
    const auto challenge = proxy::auth::parse_challenge(value);
    REQUIRE(challenge);
    CHECK(challenge->realm == "example.org");
    names.append(proxy::auth::to_string(*challenge->algorithm)).append(" ");
  }
  return names;
}

}  // namespace

TEST_CASE("what is passed on is challenged by the proxy, a browser's in the order that browsers need",
          "[stage][rfc8760]") {
  CHECK(challenges(CoreScene::udp(kPhone), kPhone) == "MD5 SHA-256 ");
  CHECK(challenges(kBrowser, "flow 11") == "SHA-256 MD5 ");
}

TEST_CASE("what ends here is challenged by the server", "[stage][rfc3261]") {
  CoreScene scene;
  scene.receive(CoreScene::udp(kPhone), bare("REGISTER", "sip:example.org"));
  const Message response = scene.take(kPhone);
  CHECK(response.status() == 401);
  CHECK(response.reason() == "Unauthorized");
  CHECK(response.all("WWW-Authenticate").size() == 2);
  CHECK_FALSE(response.has("Proxy-Authenticate"));
}

TEST_CASE("credentials count in the field that was asked for", "[stage][rfc3261]") {
  CoreScene scene;
  const Message request = bare("REGISTER", "sip:example.org");
  scene.receive(CoreScene::udp(kPhone), request);
  Message proven = scene.with_credentials(request, scene.take(kPhone), "alice");
  const std::string value{proven.get("Authorization")};
  proven.remove("Authorization");
  proven.append("Proxy-Authorization", value);
  scene.receive(CoreScene::udp(kPhone), proven);
  CHECK(scene.take(kPhone).status() == 401);
}

TEST_CASE("credentials that cannot be read are an error, not a wrong password", "[stage][attack]") {
  Message request = bare("INVITE", "sip:bob@example.org");
  request.append("Proxy-Authorization", "Digest username=\"alice");
  CHECK(first_answer(kPhone, request) == 400);
}
