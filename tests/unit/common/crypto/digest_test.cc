#include "common/crypto/digest.h"

#include <catch2/catch.hpp>

#include "common/base/encoding.h"

using namespace common;
using namespace common::crypto;

TEST_CASE("digests give their published vectors", "[crypto]") {
  CHECK(hex_encode(md5(as_bytes("abc"))) == "900150983cd24fb0d6963f7d28e17f72");
  CHECK(hex_encode(sha256(as_bytes("abc"))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hex_encode(hmac_sha1(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))) ==
        "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  CHECK(hex_encode(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_CASE("keys out of one secret differ by their purpose", "[crypto]") {
  const Bytes key = derive_key(as_bytes("secret"), "nonce");
  CHECK(key.size() == 32);
  CHECK(derive_key(as_bytes("secret"), "nonce") == key);
  CHECK(derive_key(as_bytes("secret"), "branch") != key);
  CHECK(derive_key(as_bytes("other"), "nonce") != key);
}

TEST_CASE("texts are equal in every byte and in length or not at all", "[crypto]") {
  CHECK(constant_time_equal(as_bytes("tag"), as_bytes("tag")));
  CHECK(constant_time_equal({}, {}));
  CHECK_FALSE(constant_time_equal(as_bytes("tag"), as_bytes("tab")));
  CHECK_FALSE(constant_time_equal(as_bytes("tag"), as_bytes("ta")));
  CHECK_FALSE(constant_time_equal(as_bytes("ta"), as_bytes("tag")));
}
