#include "relay/stun/checksum.h"

#include <catch2/catch.hpp>

#include "tests/unit/relay/stun/vectors.h"

namespace relay::stun {

TEST_CASE("a fingerprint is the CRC-32 of Ethernet and gzip under the mask of RFC 8489", "[stun][rfc8489]") {
  CHECK(fingerprint_of(common::as_bytes("123456789")) == (0xCBF43926 ^ 0x5354554E));
  CHECK(fingerprint_of({}) == 0x5354554E);
}

TEST_CASE("the fingerprints of the samples of RFC 5769 cover all that stands before them", "[stun][rfc5769]") {
  const auto covered = [](const common::Bytes& message) { return common::ByteSpan(message).first(message.size() - 8); };
  CHECK(fingerprint_of(covered(rfc5769::request())) == 0xe57a3bcf);
  CHECK(fingerprint_of(covered(rfc5769::ipv4_response())) == 0xc07d4c96);
  CHECK(fingerprint_of(covered(rfc5769::ipv6_response())) == 0xc8fb0b4c);
}

}  // namespace relay::stun
