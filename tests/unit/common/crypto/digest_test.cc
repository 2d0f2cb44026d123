#include "common/crypto/digest.h"

#include <catch2/catch.hpp>

#include "common/base/encoding.h"
#include "common/crypto/random.h"

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

TEST_CASE("a seeded generator repeats itself and the system's does not", "[crypto]") {
  CHECK(SeededRandom(1).hex(8) == SeededRandom(1).hex(8));
  CHECK(SystemRandom().hex(16) != SystemRandom().hex(16));
  CHECK(SeededRandom(2).ice_chars(24).size() == 24);
}
