#include "relay/sdp/attributes.h"

#include <catch2/catch.hpp>

#include "common/base/encoding.h"

using namespace relay;
using namespace relay::sdp;

namespace {

// A key of RFC 4568 §9.2's length for each suite.
const std::string kKey30 = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
const std::string kCrypto = "1 AES_CM_128_HMAC_SHA1_80 inline:" + kKey30;

}  // namespace

TEST_CASE("the rtpmap lines of RFC 8866 are read", "[sdp][rfc8866]") {
  const auto l16 = read_rtpmap("99 L16/11025/2");
  REQUIRE(l16);
  CHECK(l16->payload_type == 99);
  CHECK(l16->encoding_name == "L16");
  CHECK(l16->clock_rate == 11025);
  CHECK(l16->channels == 2);
  CHECK(read_rtpmap("97 L8/8000")->channels == 1);
  CHECK(read_rtpmap("0 PCMU/8000")->payload_type == 0);
}

TEST_CASE("an rtpmap may have more spaces than it should", "[sdp]") {
  const auto map = read_rtpmap(" 111   opus/48000/2 ");
  REQUIRE(map);
  CHECK(map->payload_type == 111);
  CHECK(map->channels == 2);
}

TEST_CASE("an rtpmap that misses a part, or whose numbers make no sense, is none", "[sdp]") {
  for (const auto* text : {"", "96", "96 L16", "96 /8000", "96 L16/0", "96 L16/44100/0", "96 L16/8000/2/x", "96 L16/x",
                           "128 L16/8000", "-1 L16/8000", "x L16/8000", "96 L16/4294967296"}) {
    CAPTURE(text);
    CHECK_FALSE(read_rtpmap(text));
  }
}

TEST_CASE("an rtpmap names its channels only where there is more than one", "[sdp][rfc8866]") {
  CHECK(write_rtpmap({111, "opus", 48000, 2}) == "111 opus/48000/2");
  CHECK(write_rtpmap({0, "PCMU", 8000, 1}) == "0 PCMU/8000");
}

TEST_CASE("a crypto attribute gives tag, suite and key", "[sdp][rfc4568]") {
  const auto crypto = read_crypto("7 AES_CM_128_HMAC_SHA1_32 inline:" + kKey30);
  REQUIRE(crypto);
  CHECK(crypto->tag == 7);
  CHECK(crypto->key.suite == srtp::Suite::AesCm128HmacSha1_32);
  CHECK(crypto->key.key_and_salt == *common::base64_decode(kKey30));
}

TEST_CASE("SDES keys are read with and without padding and written with it", "[sdp][rfc7714]") {
  const std::string padded = "1 AEAD_AES_128_GCM inline:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGw==";
  const auto crypto = read_crypto(padded);
  REQUIRE(crypto);
  CHECK(crypto->key.key_and_salt.size() == 28);
  CHECK(write_crypto(*crypto) == padded);
  CHECK(read_crypto(padded.substr(0, padded.size() - 2))->key == crypto->key);
}

TEST_CASE("a lifetime and a hint for the replay window change nothing of the key", "[sdp][rfc4568]") {
  const auto plain = read_crypto(kCrypto);
  REQUIRE(plain);
  for (const auto* more : {"|2^20", "|1066", "|2^48 WSH=64"}) {
    CAPTURE(more);
    const auto crypto = read_crypto(kCrypto + more);
    REQUIRE(crypto);
    CHECK(crypto->key == plain->key);
  }
}

TEST_CASE("what would change the packets, or the keys under way, is not taken", "[sdp][rfc4568]") {
  for (const auto* more : {"|2^20|1:4", "|1:4", " UNENCRYPTED_SRTP", " UNENCRYPTED_SRTCP", " UNAUTHENTICATED_SRTP",
                           " FEC_ORDER=FEC_SRTP", " WSH=64 UNENCRYPTED_SRTCP", " KDR=1"}) {
    CAPTURE(more);
    CHECK_FALSE(read_crypto(kCrypto + more));
  }
}

TEST_CASE("several keys in one attribute are not taken: they are told apart by what the packets would carry",
          "[sdp][rfc4568]") {
  CHECK_FALSE(read_crypto(kCrypto + "|2^20|1:4;inline:" + kKey30 + "|2^20|2:4"));
  CHECK_FALSE(read_crypto(kCrypto + ";inline:" + kKey30));
}

TEST_CASE("a crypto attribute that misses a part, with an unknown suite or a key of a wrong length gives nothing",
          "[sdp][rfc4568]") {
  for (const std::string& text : std::initializer_list<std::string>{
           "1 AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_80 inline:" + kKey30,
           "x AES_CM_128_HMAC_SHA1_80 inline:" + kKey30, "1 F8_128_HMAC_SHA1_80 inline:" + kKey30,
           "1 AES_CM_128_HMAC_SHA1_80 uri:" + kKey30, "1 AES_CM_128_HMAC_SHA1_80 inline:AAEC",
           "1 AEAD_AES_256_GCM inline:" + kKey30, "1 AES_CM_128_HMAC_SHA1_80 inline:*not base64*"}) {
    CAPTURE(text);
    CHECK_FALSE(read_crypto(text));
  }
}
