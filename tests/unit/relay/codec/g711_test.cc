#include "relay/codec/g711.h"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace relay::codec;

TEST_CASE("µ-law and A-law decode the values of G.711's tables", "[codec][g711]") {
  CHECK(decode_ulaw(0xff) == 0);
  CHECK(decode_ulaw(0x7f) == 0);
  CHECK(decode_ulaw(0x80) == 32124);
  CHECK(decode_ulaw(0x00) == -32124);
  CHECK(decode_ulaw(0xfe) == 8);
  CHECK(decode_ulaw(0xf0) == 120);
  CHECK(decode_ulaw(0xef) == 132);
  CHECK(decode_alaw(0xd5) == 8);
  CHECK(decode_alaw(0x55) == -8);
  CHECK(decode_alaw(0xaa) == 32256);
  CHECK(decode_alaw(0x2a) == -32256);
  CHECK(decode_alaw(0xc5) == 264);
}

TEST_CASE("every code survives decoding and encoding", "[codec][g711]") {
  for (int i = 0; i < 256; ++i) {
    const auto code = static_cast<std::uint8_t>(i);
    CAPTURE(i);
    if (code != 0x7f) CHECK(encode_ulaw(decode_ulaw(code)) == code);  // 0x7f is minus zero
    CHECK(encode_alaw(decode_alaw(code)) == code);
  }
}

TEST_CASE("encoding finds a code whose value is nearest or next to it, and clips", "[codec][g711]") {
  for (int sample = -32768; sample <= 32767; sample += 7) {
    const auto pcm = static_cast<std::int16_t>(sample);
    const int size = std::abs(sample);
    const int step_ulaw = size < 124 ? 8 : (size + 132) / 16;
    const int step_alaw = size < 512 ? 16 : size / 16;
    CAPTURE(sample);
    const int clipped = std::min(size, 32124) * (sample < 0 ? -1 : 1);
    CHECK(std::abs(decode_ulaw(encode_ulaw(pcm)) - clipped) <= step_ulaw);
    CHECK(std::abs(decode_alaw(encode_alaw(pcm)) - sample) <= step_alaw);
  }
  CHECK(encode_ulaw(32767) == 0x80);
  CHECK(encode_ulaw(-32768) == 0x00);
  CHECK(encode_alaw(32767) == 0xaa);
  CHECK(encode_alaw(-32768) == 0x2a);
}
