#include "common/base/bytes.h"

#include <catch2/catch.hpp>

using namespace common;

TEST_CASE("what a byte writer writes, a byte reader reads", "[bytes]") {
  ByteWriter writer;
  writer.u8(1).u16(0x0203).u24(0x040506).u32(0x0708090a).u64(0x0b0c0d0e0f101112).text("ab");
  ByteReader reader(writer.view());
  CHECK(reader.u8() == 1);
  CHECK(reader.u16() == 0x0203);
  CHECK(reader.u24() == 0x040506);
  CHECK(reader.u32() == 0x0708090a);
  CHECK(reader.u64() == 0x0b0c0d0e0f101112);
  CHECK(as_text(reader.bytes(2)) == "ab");
  CHECK(reader.ok());
  CHECK(reader.remaining() == 0);
}

TEST_CASE("a read past the end fails for good and reads nothing", "[bytes]") {
  const Bytes three{1, 2, 3};
  ByteReader reader(three);
  CHECK(reader.u32() == 0);
  CHECK_FALSE(reader.ok());
  CHECK(reader.u8() == 0);
  CHECK_FALSE(reader.ok());
}
