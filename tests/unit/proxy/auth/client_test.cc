#include "proxy/auth/client.h"

#include <catch2/catch.hpp>

using namespace proxy::auth;

TEST_CASE("a trunk's challenge is answered with the first algorithm we speak", "[auth][client]") {
  common::crypto::SeededRandom random{1};
  const ClientAccount account{"alice", "secret", ""};
  const std::vector<std::string> challenges{
      "Digest realm=\"carrier\", nonce=\"n0\", algorithm=SHA-512-256, qop=\"auth\"",
      "Digest realm=\"carrier\", nonce=\"n1\", algorithm=SHA-256, qop=\"auth,auth-int\", opaque=\"o\"",
      "Digest realm=\"carrier\", nonce=\"n2\", algorithm=MD5, qop=\"auth\""};
  const auto value = answer_challenge(challenges, "INVITE", "sip:1@carrier", account, random);
  REQUIRE(value);
  const auto c = parse_credentials(*value);
  REQUIRE(c);
  CHECK(c->nonce == "n1");
  CHECK(c->opaque == "o");
  CHECK(c->nc == "00000001");
  CHECK(c->cnonce.size() == 32);
  CHECK(c->response ==
        digest_response(Algorithm::Sha256, ha1(Algorithm::Sha256, "alice", "carrier", "secret"), "INVITE", *c));
}

TEST_CASE("an old trunk's challenge without qop and algorithm gets the old form", "[auth][client]") {
  common::crypto::SeededRandom random{1};
  const std::vector<std::string> challenges{"Digest realm=\"carrier\", nonce=\"n1\""};
  const auto value = answer_challenge(challenges, "REGISTER", "sip:carrier", {"a", "p", "carrier"}, random);
  REQUIRE(value);
  CHECK(value->find("qop") == std::string::npos);
  CHECK(value->find("cnonce") == std::string::npos);
}

TEST_CASE("a refused password is not sent again, a stale nonce is answered anew", "[auth][client]") {
  common::crypto::SeededRandom random{1};
  const ClientAccount account{"alice", "secret", "carrier"};
  const std::vector<std::string> first{"Digest realm=\"carrier\", nonce=\"n1\", qop=\"auth\""};
  const auto sent = answer_challenge(first, "INVITE", "sip:1@carrier", account, random);
  REQUIRE(sent);
  const std::vector<std::string> again{"Digest realm=\"carrier\", nonce=\"n2\", qop=\"auth\""};
  CHECK(answer_challenge(again, "INVITE", "sip:1@carrier", account, random, *sent).error() ==
        ClientError::RefusedAgain);
  const std::vector<std::string> stale{"Digest realm=\"carrier\", nonce=\"n2\", qop=\"auth\", stale=TRUE"};
  CHECK(answer_challenge(stale, "INVITE", "sip:1@carrier", account, random, *sent));
}

TEST_CASE("a challenge for a foreign realm gets no answer", "[auth][client]") {
  common::crypto::SeededRandom random{1};
  const std::vector<std::string> foreign{"Digest realm=\"evil\", nonce=\"n\", qop=\"auth\""};
  CHECK(answer_challenge(foreign, "INVITE", "sip:1@c", {"a", "p", "carrier"}, random).error() ==
        ClientError::ForeignRealm);
  CHECK(answer_challenge({}, "INVITE", "sip:1@c", {"a", "p", ""}, random).error() == ClientError::NoUsableChallenge);
}

TEST_CASE("where no challenge is one that we speak, there is no answer", "[auth][client]") {
  common::crypto::SeededRandom random{1};
  const std::vector<std::string> challenges{"Basic realm=\"carrier\"", "Digest nonsense",
                                            "Digest realm=\"carrier\", nonce=\"n\", algorithm=SHA-512-256"};
  CHECK(answer_challenge(challenges, "INVITE", "sip:1@c", {"a", "p", ""}, random).error() ==
        ClientError::NoUsableChallenge);
}

TEST_CASE("of challenges for several realms the one is answered that is ours", "[auth][client][rfc3261]") {
  common::crypto::SeededRandom random{1};
  const std::vector<std::string> challenges{"Digest realm=\"edge\", nonce=\"n1\", qop=\"auth\"",
                                            "Digest realm=\"carrier\", nonce=\"n2\", qop=\"auth\""};
  const auto value = answer_challenge(challenges, "INVITE", "sip:1@c", {"a", "p", "carrier"}, random);
  REQUIRE(value);
  CHECK(parse_credentials(*value)->nonce == "n2");
}

TEST_CASE("credentials for one realm are no reason to refuse another one", "[auth][client]") {
  common::crypto::SeededRandom random{1};
  const ClientAccount account{"alice", "secret", ""};
  const std::vector<std::string> edge{"Digest realm=\"edge\", nonce=\"n1\", qop=\"auth\""};
  const auto sent = answer_challenge(edge, "INVITE", "sip:1@carrier", account, random);
  REQUIRE(sent);
  const std::vector<std::string> carrier{"Digest realm=\"carrier\", nonce=\"n2\", qop=\"auth\""};
  CHECK(answer_challenge(carrier, "INVITE", "sip:1@carrier", account, random, *sent));
}

TEST_CASE("every answer has a client nonce of its own", "[auth][client]") {
  common::crypto::SeededRandom random{1};
  const std::vector<std::string> challenges{"Digest realm=\"carrier\", nonce=\"n1\", qop=\"auth\""};
  const auto cnonce = [&] {
    return parse_credentials(answer_challenge(challenges, "INVITE", "sip:1@c", {"a", "p", ""}, random).value())->cnonce;
  };
  CHECK(cnonce() != cnonce());
}
