#include "relay/ice/pair.h"

#include <catch2/catch.hpp>

using namespace relay::ice;

TEST_CASE("a pair is worth 2^32 times its lesser priority, twice the greater, and one if the controlling side has that",
          "[ice][rfc8445]") {
  CHECK(pair_priority(2, 1) == (1ULL << 32) + 4 + 1);
  CHECK(pair_priority(1, 2) == (1ULL << 32) + 4);
  CHECK(pair_priority(7, 7) == (7ULL << 32) + 14);
  CHECK(pair_priority(0x7effffff, 0x6effffff) == (0x6effffffULL << 32) + 2 * 0x7effffffULL + 1);
}
