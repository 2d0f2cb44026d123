#include "relay/dtls/fingerprint.h"

#include <catch2/catch.hpp>

namespace relay::dtls {

TEST_CASE("the fingerprint of RFC 8122's example reads and writes back", "[dtls][rfc8122]") {
  const char* text = "sha-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB";
  const auto fingerprint = parse_fingerprint(text);
  REQUIRE(fingerprint);
  CHECK(fingerprint->hash == "sha-1");
  CHECK(fingerprint->digest.size() == 20);
  CHECK(fingerprint->digest.back() == 0xAB);
  CHECK(format_fingerprint(*fingerprint) == text);
}

TEST_CASE("hash names and digits come in either case", "[dtls]") {
  const auto lower = parse_fingerprint("SHA-1 4a:ad:b9:b1:3f:82:18:3b:54:02:12:df:3e:5d:49:6b:19:e5:7c:ab");
  CHECK(lower == parse_fingerprint("sha-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB"));
}

TEST_CASE("malformed and unknown fingerprints are refused", "[dtls]") {
  for (const char* text : {"", "sha-1", "sha-1 ", "md5 4A:AD", "sha-1 4A:AD:B9",
                           "sha-1 4A-AD-B9-B1-3F-82-18-3B-54-02-12-DF-3E-5D-49-6B-19-E5-7C-AB",
                           "sha-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB:00",
                           "sha-1 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:G0",
                           "sha-256 4A:AD:B9:B1:3F:82:18:3B:54:02:12:DF:3E:5D:49:6B:19:E5:7C:AB"}) {
    INFO(text);
    CHECK_FALSE(parse_fingerprint(text));
  }
}

}  // namespace relay::dtls
