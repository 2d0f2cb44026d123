#include "relay/srtp/key_material.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "relay/srtp/srtp_session.h"

using namespace relay::srtp;

TEST_CASE("a fresh key has the lengths of its suite, so that a session can be made of it", "[srtp]") {
  common::crypto::SeededRandom random(1);
  for (const SuiteFacts& facts : kSuites) {
    CAPTURE(facts.sdes_name);
    const KeyMaterial key = generate_key(facts.suite, random);
    CHECK(key.suite == facts.suite);
    CHECK(key.key_and_salt.size() == std::size_t{facts.key_length} + facts.salt_length);
    CHECK(SrtpSession::create(key, Direction::Outbound));
  }
}

TEST_CASE("no two keys are the same, and all of a key is random", "[srtp]") {
  common::crypto::SeededRandom random(1);
  const KeyMaterial one = generate_key(Suite::AesCm128HmacSha1_80, random);
  const KeyMaterial other = generate_key(Suite::AesCm128HmacSha1_80, random);
  CHECK(one != other);
  const common::ByteSpan salt_of_one = common::ByteSpan(one.key_and_salt).subspan(16);
  const common::ByteSpan salt_of_other = common::ByteSpan(other.key_and_salt).subspan(16);
  CHECK_FALSE(std::ranges::equal(salt_of_one, salt_of_other));
}
