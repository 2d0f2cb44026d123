#include "common/base/encoding.h"

#include <catch2/catch.hpp>

using namespace common;

TEST_CASE("base64 gives the vectors of RFC 4648", "[encoding][rfc4648]") {
  const auto [plain, coded] = GENERATE(table<std::string, std::string>({{"", ""},
                                                                        {"f", "Zg=="},
                                                                        {"fo", "Zm8="},
                                                                        {"foo", "Zm9v"},
                                                                        {"foob", "Zm9vYg=="},
                                                                        {"fooba", "Zm9vYmE="},
                                                                        {"foobar", "Zm9vYmFy"}}));
  CHECK(base64_encode(as_bytes(plain)) == coded);
  CHECK(as_text(*base64_decode(coded)) == plain);
}

TEST_CASE("base64 is read without its padding, and refused outside its alphabet", "[encoding]") {
  CHECK(as_text(*base64_decode("Zm8")) == "fo");
  CHECK_FALSE(base64_decode("Zm9v!"));
  CHECK_FALSE(base64_decode("Z"));
}

TEST_CASE("base64url uses only characters that may stand in a SIP token", "[encoding]") {
  const Bytes bytes{0xfb, 0xff, 0xfe};
  CHECK(base64url_encode(bytes) == "-__-");
  CHECK(*base64url_decode("-__-") == bytes);
}

TEST_CASE("hex reads both cases and refuses odd lengths and other letters", "[encoding]") {
  CHECK(hex_encode(Bytes{0x00, 0xaf}) == "00af");
  CHECK(*hex_decode("00aF") == Bytes{0x00, 0xaf});
  CHECK_FALSE(hex_decode("0"));
  CHECK_FALSE(hex_decode("0g"));
}
