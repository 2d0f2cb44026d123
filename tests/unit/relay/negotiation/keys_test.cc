#include "relay/negotiation/keys.h"

#include <catch2/catch.hpp>

#include "relay/srtp/key_material.h"

using namespace relay;
using namespace relay::negotiation;
using srtp::Suite;

namespace {

struct Scene {
  /// What a peer offers: a key for each suite, under tags from 1.
  std::vector<sdp::Crypto> offer_of(std::initializer_list<Suite> suites) {
    std::vector<sdp::Crypto> offered;
    for (const Suite suite : suites) {
      offered.push_back({static_cast<std::uint32_t>(offered.size() + 1), srtp::generate_key(suite, random)});
    }
    return offered;
  }
  common::crypto::SeededRandom random{4568};
  ng::Sdes flags;
};

std::vector<Suite> suites_of(const std::vector<sdp::Crypto>& cryptos) {
  std::vector<Suite> suites;
  for (const sdp::Crypto& crypto : cryptos) suites.push_back(crypto.key.suite);
  return suites;
}

const std::vector<Suite> kAll{Suite::AesCm128HmacSha1_80, Suite::AesCm128HmacSha1_32, Suite::AeadAes256Gcm,
                              Suite::AeadAes128Gcm};

}  // namespace

TEST_CASE("all suites are allowed, the one that every peer knows first", "[keys][rfc4568]") {
  CHECK(allowed_suites({}) == kAll);
}

TEST_CASE("flags exclude suites, or leave some alone, in our order", "[keys]") {
  ng::Sdes flags;
  SECTION("excluded") {
    flags.excluded = {"AES_CM_128_HMAC_SHA1_80", "AEAD_AES_128_GCM"};
    CHECK(allowed_suites(flags) == std::vector<Suite>{Suite::AesCm128HmacSha1_32, Suite::AeadAes256Gcm});
  }
  SECTION("only some") {
    flags.only = {"AEAD_AES_128_GCM", "AES_CM_128_HMAC_SHA1_32"};
    CHECK(allowed_suites(flags) == std::vector<Suite>{Suite::AesCm128HmacSha1_32, Suite::AeadAes128Gcm});
  }
  SECTION("both: what is excluded is not among the only ones") {
    flags.only = {"AEAD_AES_128_GCM", "AES_CM_128_HMAC_SHA1_32"};
    flags.excluded = {"AEAD_AES_128_GCM"};
    CHECK(allowed_suites(flags) == std::vector<Suite>{Suite::AesCm128HmacSha1_32});
  }
  SECTION("a suite that nobody knows excludes nothing, and alone leaves nothing") {
    flags.excluded = {"F8_128_HMAC_SHA1_80"};
    CHECK(allowed_suites(flags) == kAll);
    flags.only = {"F8_128_HMAC_SHA1_80"};
    CHECK(allowed_suites(flags).empty());
  }
}

TEST_CASE("an offer has a key of its own for each suite, under tags from 1", "[keys][rfc4568]") {
  Scene scene;
  const auto cryptos = cryptos_to_offer(scene.flags, {}, scene.random);
  CHECK(suites_of(cryptos) == kAll);
  for (std::size_t i = 0; i < cryptos.size(); ++i) {
    const auto& facts = srtp::facts_of(cryptos[i].key.suite);
    CHECK(cryptos[i].tag == i + 1);
    CHECK(cryptos[i].key.key_and_salt.size() == std::size_t{facts.key_length} + facts.salt_length);
  }
  CHECK(cryptos[0].key.key_and_salt != cryptos[1].key.key_and_salt);
}

TEST_CASE("a repeated offer keeps its keys, also when other suites are allowed now", "[keys]") {
  Scene scene;
  const auto first = cryptos_to_offer(scene.flags, {}, scene.random);
  const auto again = cryptos_to_offer(scene.flags, first, scene.random);
  for (std::size_t i = 0; i < first.size(); ++i) CHECK(again.at(i).key == first[i].key);
  scene.flags.only = {"AEAD_AES_128_GCM"};
  const auto fewer = cryptos_to_offer(scene.flags, first, scene.random);
  REQUIRE(fewer.size() == 1);
  CHECK(fewer[0].tag == 1);
  CHECK(fewer[0].key == first[3].key);
}

TEST_CASE("the answer takes the peer's first suite that is allowed, under its tag, with a key of ours",
          "[keys][rfc4568]") {
  Scene scene;
  scene.flags.excluded = {"AEAD_AES_256_GCM"};
  auto offered = scene.offer_of({Suite::AeadAes256Gcm, Suite::AeadAes128Gcm, Suite::AesCm128HmacSha1_80});
  offered[1].tag = 77;
  const auto answer = crypto_to_answer(offered, scene.flags, {}, scene.random);
  REQUIRE(answer.size() == 1);
  CHECK(answer[0].key.suite == Suite::AeadAes128Gcm);
  CHECK(answer[0].tag == 77);
  CHECK(answer[0].key != offered[1].key);
}

TEST_CASE("an answer keeps the key of ours that fits, whatever its tag was", "[keys]") {
  Scene scene;
  const auto offered = scene.offer_of({Suite::AesCm128HmacSha1_32});
  const auto ours = cryptos_to_offer(scene.flags, {}, scene.random);
  const auto answer = crypto_to_answer(offered, scene.flags, ours, scene.random);
  REQUIRE(answer.size() == 1);
  CHECK(answer[0].tag == 1);
  CHECK(answer[0].key == ours[1].key);
}

TEST_CASE("an offer without an acceptable suite has no answer", "[keys]") {
  Scene scene;
  CHECK(crypto_to_answer({}, scene.flags, {}, scene.random).empty());
  scene.flags.only = {"AEAD_AES_128_GCM"};
  const auto offered = scene.offer_of({Suite::AesCm128HmacSha1_80, Suite::AesCm128HmacSha1_32});
  CHECK(crypto_to_answer(offered, scene.flags, {}, scene.random).empty());
}
