#include "common/crypto/random.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace common;
using namespace common::crypto;

TEST_CASE("a seeded generator repeats itself, and the system's does not", "[crypto]") {
  CHECK(SeededRandom(1).hex(8) == SeededRandom(1).hex(8));
  CHECK(SeededRandom(1).hex(8) != SeededRandom(2).hex(8));
  CHECK(SystemRandom().hex(16) != SystemRandom().hex(16));
}

TEST_CASE("the system's generator fills all of what it is given and nothing else", "[crypto]") {
  Bytes bytes(64, 0);
  SystemRandom().fill(MutableByteSpan{bytes}.subspan(1, 62));
  CHECK(bytes.front() == 0);
  CHECK(bytes.back() == 0);
  CHECK(std::ranges::count(bytes, 0) < 20);
}

TEST_CASE("numbers are the next bytes of the generator, the first one highest", "[crypto]") {
  const Bytes bytes = SeededRandom(3).bytes(12);
  SeededRandom random{3};
  CHECK(random.u32() == load_be32(bytes.data()));
  CHECK(random.u64() == load_be64(bytes.data() + 4));
}

TEST_CASE("every length of an ICE text holds ice-chars only", "[crypto][rfc8839]") {
  SeededRandom random{4};
  for (std::size_t count = 0; count <= 32; ++count) {
    const std::string text = random.ice_chars(count);
    CHECK(text.size() == count);
    CHECK(std::ranges::all_of(text, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
    }));
  }
}

TEST_CASE("a hexadecimal text has two digits a byte", "[crypto]") {
  CHECK(SeededRandom(5).hex(0).empty());
  const std::string text = SeededRandom(5).hex(20);
  CHECK(text.size() == 40);
  CHECK(text.find_first_not_of("0123456789abcdef") == std::string::npos);
}
