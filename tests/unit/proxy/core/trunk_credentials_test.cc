#include "proxy/core/trunk_credentials.h"

#include <catch2/catch.hpp>

using namespace proxy::core;
using proxy::sip::Message;

namespace {

Message challenge(int status, std::string_view header, std::string_view nonce) {
  Message response = Message::response(status, "Asked");
  response.append("CSeq", "32 INVITE");
  response.append(header, "Digest realm=\"carrier\", nonce=\"" + std::string{nonce} + "\"");
  return response;
}

proxy::trunk::Trunk trunk() {
  proxy::trunk::Trunk trunk;
  trunk.name = "carrier";
  trunk.username = "us";
  trunk.password = "pw";
  return trunk;
}

std::optional<TrunkCredentials> answer(const Message& response, const proxy::trunk::Trunk& to = trunk(),
                                       const TrunkCredentials& before = {}) {
  common::crypto::SeededRandom random{1};
  return answer_challenge(to, response, "sip:+49@carrier", before, random);
}

}  // namespace

TEST_CASE("a proxy's and a server's challenge are answered in the field of their own", "[core][rfc3261]") {
  const auto for_proxy = answer(challenge(407, "Proxy-Authenticate", "n1"));
  REQUIRE(for_proxy);
  CHECK(for_proxy->name == "Proxy-Authorization");
  CHECK(for_proxy->value.find("username=\"us\"") != std::string::npos);
  const auto for_server = answer(challenge(401, "WWW-Authenticate", "n1"));
  REQUIRE(for_server);
  CHECK(for_server->name == "Authorization");
  Message request = Message::request("INVITE", "sip:+49@carrier");
  for_server->add_to(request);
  CHECK(request.get("Authorization") == for_server->value);
  TrunkCredentials{}.add_to(request);
  CHECK(request.headers().size() == 1);
}

TEST_CASE("nothing is said where nothing is asked, known or believed", "[core][rfc3261]") {
  CHECK_FALSE(answer(challenge(403, "WWW-Authenticate", "n1")));
  CHECK_FALSE(answer(challenge(407, "WWW-Authenticate", "n1")));
  proxy::trunk::Trunk open = trunk();
  open.username.clear();
  CHECK_FALSE(answer(challenge(407, "Proxy-Authenticate", "n1"), open));
  const auto first = answer(challenge(407, "Proxy-Authenticate", "n1"));
  REQUIRE(first);
  CHECK_FALSE(answer(challenge(407, "Proxy-Authenticate", "n2"), trunk(), *first));
}
