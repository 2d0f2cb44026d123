#include "relay/dtls/certificate_digest.h"

#include <catch2/catch.hpp>

#include "relay/dtls/certificate.h"
#include "relay/dtls/contexts.h"

namespace relay::dtls {

TEST_CASE("a certificate has a fingerprint under every hash that SDP may name, and under no other", "[dtls][rfc8122]") {
  common::crypto::SystemRandom random;
  const auto certificate = Certificate::make(random, common::WallTime{std::chrono::hours{490'000}});
  REQUIRE(certificate);
  const X509* x509 = SSL_CTX_get0_certificate(certificate->contexts().active.get());
  REQUIRE(x509 != nullptr);
  CHECK(fingerprint_of(x509, "sha-256") == certificate->fingerprint());
  for (const auto hash : {"sha-1", "sha-224", "sha-256", "sha-384", "sha-512"}) {
    const auto fingerprint = fingerprint_of(x509, hash);
    REQUIRE(fingerprint);
    CHECK(parse_fingerprint(format_fingerprint(*fingerprint)) == fingerprint);
  }
  for (const auto hash : {"", "md5", "SHA-256", "sha-3"}) CHECK_FALSE(fingerprint_of(x509, hash));
}

}  // namespace relay::dtls
