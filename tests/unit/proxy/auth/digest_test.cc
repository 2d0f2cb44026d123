#include "proxy/auth/digest.h"

#include <catch2/catch.hpp>

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

TEST_CASE("the Authorization fields of RFC 7616 section 3.9.1 are read and bear out", "[auth][rfc7616]") {
  const std::string common =
      "Digest username=\"Mufasa\",\r\n       realm=\"http-auth@example.org\",\r\n       uri=\"/dir/index.html\",\r\n"
      "       nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\",\r\n       nc=00000001,\r\n"
      "       cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\",\r\n       qop=auth,\r\n"
      "       opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\",\r\n";
  const auto bears_out = [&](const std::string& rest, Algorithm algorithm) {
    const auto read = parse_credentials(common + rest);
    REQUIRE(read);
    CHECK(read->username == "Mufasa");
    CHECK(read->opaque == "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS");
    CHECK(parse_algorithm(read->algorithm) == algorithm);
    const std::string hash = ha1(algorithm, read->username, read->realm, "Circle of Life");
    return digest_response(algorithm, hash, "GET", *read) == read->response;
  };
  CHECK(bears_out("       algorithm=MD5,\r\n       response=\"8ca523f5e9506fed4657c9700eebdbec\"", Algorithm::Md5));
  CHECK(
      bears_out("       algorithm=SHA-256,\r\n"
                "       response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\"",
                Algorithm::Sha256));
}

TEST_CASE("an algorithm is known in any case, its absence means MD5, the rest is not ours", "[auth][rfc7616]") {
  CHECK(parse_algorithm("") == Algorithm::Md5);
  CHECK(parse_algorithm("md5") == Algorithm::Md5);
  CHECK(parse_algorithm("sha-256") == Algorithm::Sha256);
  for (const auto* other : {"MD5-sess", "SHA-256-sess", "SHA-512-256", "SHA256", "AKAv1-MD5"})
    CHECK_FALSE(parse_algorithm(other));
}

TEST_CASE("credentials and challenges lack nothing that a digest is made of", "[auth]") {
  const std::string whole = "Digest username=\"a\", realm=\"r\", nonce=\"n\", uri=\"u\", response=\"x\"";
  CHECK(parse_credentials(whole));
  for (const std::string name : {"username", "realm", "nonce", "uri", "response"}) {
    CAPTURE(name);
    std::string lacking = whole;
    lacking.insert(lacking.find(name + '='), "x-");
    CHECK(parse_credentials(lacking).error() == DigestError::Malformed);
  }
  CHECK(parse_challenge("Digest nonce=\"n\"").error() == DigestError::Malformed);
  CHECK(parse_challenge("Digest realm=\"r\"").error() == DigestError::Malformed);
  CHECK(parse_challenge("Basic realm=\"r\"").error() == DigestError::NotDigest);
}

TEST_CASE("of the offered protections only auth is ours", "[auth][rfc7616]") {
  const auto offers = [](const std::string& qop) {
    return parse_challenge("Digest realm=\"r\", nonce=\"n\", qop=\"" + qop + "\"")->qop_auth;
  };
  CHECK(offers("auth"));
  CHECK(offers("auth-int, AUTH"));
  CHECK_FALSE(offers("auth-int"));
  CHECK_FALSE(offers(""));
}
