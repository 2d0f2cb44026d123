#include "relay/dtls/certificate.h"

#include <catch2/catch.hpp>

namespace relay::dtls {

TEST_CASE("a made certificate announces its SHA-256 fingerprint, and every one is another", "[dtls]") {
  common::crypto::SystemRandom random;
  const auto one = Certificate::make(random, common::WallTime{std::chrono::hours{490'000}});
  const auto two = Certificate::make(random, common::WallTime{std::chrono::hours{490'000}});
  REQUIRE(one);
  REQUIRE(two);
  CHECK(one->fingerprint().hash == "sha-256");
  CHECK(one->fingerprint().digest.size() == 32);
  CHECK(one->fingerprint() != two->fingerprint());
  CHECK(parse_fingerprint(format_fingerprint(one->fingerprint())) == one->fingerprint());
}

}  // namespace relay::dtls
