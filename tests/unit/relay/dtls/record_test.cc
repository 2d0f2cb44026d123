#include "relay/dtls/record.h"

#include <catch2/catch.hpp>

#include "common/base/encoding.h"

namespace relay::dtls {

TEST_CASE("records are taken one by one, and a broken one ends the datagram", "[dtls]") {
  const auto bytes = common::hex_decode("16fefd00000000000000000002aabb16fefd00010000000000000001cc16fefd0001").value();
  common::ByteSpan rest(bytes);
  const auto plain = take_record(rest);
  REQUIRE(plain);
  CHECK(plain->epoch == 0);
  CHECK(plain->bytes.size() == 15);
  const auto encrypted = take_record(rest);
  REQUIRE(encrypted);
  CHECK(encrypted->epoch == 1);
  CHECK(encrypted->bytes.back() == 0xCC);
  CHECK_FALSE(take_record(rest));
  rest = {};
  CHECK_FALSE(take_record(rest));
}

}  // namespace relay::dtls
