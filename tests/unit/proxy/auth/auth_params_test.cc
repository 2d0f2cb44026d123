#include "proxy/auth/auth_params.h"

#include <catch2/catch.hpp>

using namespace proxy::auth;

namespace {

DigestError error_of(std::string_view value) {
  const auto params = parse_params(value);
  return params ? DigestError{255} : params.error();
}

}  // namespace

TEST_CASE("the challenge of RFC 7616 section 3.9.1 is read as it stands folded", "[auth][rfc7616]") {
  const auto params = parse_params(
      "Digest\r\n       realm=\"http-auth@example.org\",\r\n       qop=\"auth, auth-int\",\r\n"
      "       algorithm=SHA-256,\r\n       nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\",\r\n"
      "       opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"");
  REQUIRE(params);
  CHECK(*params == Params{{"realm", "http-auth@example.org"},
                          {"qop", "auth, auth-int"},
                          {"algorithm", "SHA-256"},
                          {"nonce", "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"},
                          {"opaque", "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"}});
}

TEST_CASE("names are found in lower case, values keep theirs", "[auth]") {
  const auto params = parse_params("dIgEsT REALM=\"Example.ORG\" , Stale = TRUE");
  REQUIRE(params);
  CHECK(param(*params, "realm") == "Example.ORG");
  CHECK(param(*params, "stale") == "TRUE");
  CHECK(param(*params, "nonce").empty());
}

TEST_CASE("a quoted value may hold commas, equal signs and escapes, and be empty", "[auth][rfc7235]") {
  const auto params = parse_params(R"(Digest a="x, y=z",b="q\"u\\o\te",c="")");
  REQUIRE(params);
  CHECK(param(*params, "a") == "x, y=z");
  CHECK(param(*params, "b") == R"(q"u\ote)");
  CHECK(params->contains("c"));
}

TEST_CASE("empty elements of the list are nothing", "[auth][rfc7230]") {
  CHECK(parse_params("Digest ,, a=b , ,c=d,") == Params{{"a", "b"}, {"c", "d"}});
  CHECK(parse_params("Digest  ,")->empty());
}

TEST_CASE("another scheme is told from a broken Digest", "[auth]") {
  for (const auto* value : {"", "Basic Zm9vOmJhcg==", "Digest", "Digest ", "Digestive a=b", "a=b"})
    CHECK(error_of(value) == DigestError::NotDigest);
}

TEST_CASE("malformed parameters are refused, never guessed", "[auth][attack]") {
  for (const auto* value : {"Digest a", "Digest =x", "Digest a=", "Digest a=b c", "Digest a=b c=d", "Digest a b=c",
                            "Digest a=\"b", "Digest a=\"b\\", "Digest a=\"b\" c", "Digest a=b\"c", "Digest \"a\"=b",
                            "Digest a=b, a=c", "Digest a=b, A=c", "Digest a=b;c=d e"}) {
    CAPTURE(value);
    CHECK(error_of(value) == DigestError::Malformed);
  }
}

TEST_CASE("as much as 4096 characters is read and no more", "[auth][attack]") {
  const std::string start = "Digest a=\"";
  const auto of_length = [&](std::size_t length) { return start + std::string(length - start.size() - 1, 'x') + '"'; };
  CHECK(parse_params(of_length(4096)));
  CHECK(error_of(of_length(4097)) == DigestError::TooLong);
}

TEST_CASE("a text is quoted so that it reads the same again, without what could end the line", "[auth][attack]") {
  CHECK(quote("plain") == "\"plain\"");
  CHECK(quote(R"(a"b\c)") == R"("a\"b\\c")");
  CHECK(quote("a\r\nVia: x\x7f\t") == "\"aVia: x\"");
  const std::string odd = R"(\",= \)";
  CHECK(param(*parse_params("Digest a=" + quote(odd)), "a") == odd);
}
