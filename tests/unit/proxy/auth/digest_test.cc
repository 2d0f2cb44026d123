#include "proxy/auth/digest.h"

#include <catch2/catch.hpp>

#include "proxy/auth/client.h"

using namespace proxy::auth;

namespace {

Credentials mufasa() {
  Credentials c;
  c.username = "Mufasa";
  c.realm = "http-auth@example.org";
  c.uri = "/dir/index.html";
  c.nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
  c.nc = "00000001";
  c.cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
  c.qop = "auth";
  return c;
}

std::string response(Algorithm algorithm) {
  const Credentials c = mufasa();
  return digest_response(algorithm, ha1(algorithm, c.username, c.realm, "Circle of Life"), "GET", c);
}

}  // namespace

TEST_CASE("digest responses are those of RFC 7616 section 3.9.1", "[auth][rfc7616]") {
  CHECK(response(Algorithm::Md5) == "8ca523f5e9506fed4657c9700eebdbec");
  CHECK(response(Algorithm::Sha256) == "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

TEST_CASE("a digest without qop is that of RFC 2069", "[auth][rfc7616]") {
  Credentials c;
  c.username = "Mufasa";
  c.realm = "testrealm@host.com";
  c.nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
  c.uri = "/dir/index.html";
  CHECK(digest_response(Algorithm::Md5, ha1(Algorithm::Md5, c.username, c.realm, "Circle Of Life"), "GET", c) ==
        "670fd8c2df070c60b045671b8b24ff02");
}

TEST_CASE("a challenge survives writing and reading", "[auth]") {
  Challenge challenge;
  challenge.realm = "a \"quoted\\ realm";
  challenge.nonce = "n1";
  challenge.opaque = "o1";
  challenge.algorithm = Algorithm::Sha256;
  challenge.qop_auth = true;
  challenge.stale = true;
  const auto read = parse_challenge(challenge.to_string());
  REQUIRE(read);
  CHECK(read->realm == challenge.realm);
  CHECK(read->nonce == "n1");
  CHECK(read->opaque == "o1");
  CHECK(read->algorithm == Algorithm::Sha256);
  CHECK(read->qop_auth);
  CHECK(read->stale);
}

TEST_CASE("credentials are read in any order, case and spacing", "[auth]") {
  const auto c = parse_credentials(
      "DIGEST  nc = 00000001 ,uri=\"sip:example.org\",USERNAME=\"bob\", realm=\"r\",,nonce=\"n\",qop=auth,"
      "cnonce=\"c\",response=\"abc\",algorithm=MD5,extra=\"x, y=z\"");
  REQUIRE(c);
  CHECK(c->username == "bob");
  CHECK(c->nc == "00000001");
  CHECK(c->qop == "auth");
  CHECK(c->algorithm == "MD5");
  CHECK(parse_credentials(c->to_string())->cnonce == "c");
}

TEST_CASE("malformed credentials are refused, never guessed", "[auth]") {
  CHECK(parse_credentials("Basic Zm9vOmJhcg==").error() == DigestError::NotDigest);
  CHECK(parse_credentials("Digest").error() == DigestError::NotDigest);
  CHECK(parse_credentials("").error() == DigestError::NotDigest);
  const std::string good = "Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"x\"";
  CHECK(parse_credentials(good));
  for (const char* tail : {", username=\"b\"", ", qop", ", =x", ", qop=\"auth", ", qop=\"a\" b", ", a b=c",
                           ", q=", ", q=a\"b", ", q=\"\\"}) {
    INFO(tail);
    CHECK(parse_credentials(good + tail).error() == DigestError::Malformed);
  }
  CHECK(parse_credentials(good + std::string(5000, ' ') + "x").error() == DigestError::TooLong);
  CHECK(parse_credentials("Digest username=\"a\", realm=\"r\"").error() == DigestError::Malformed);
}

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
