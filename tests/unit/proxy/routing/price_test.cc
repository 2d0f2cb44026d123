#include "proxy/routing/price.h"

#include <catch2/catch.hpp>

using proxy::routing::Price;

TEST_CASE("a price reads as it was written and compares as a number", "[routing]") {
  for (const char* text : {"0", "0.0120", "12", "999999999.999999999", "0.000000001"}) {
    REQUIRE(Price::parse(text));
    CHECK(Price::parse(text)->to_string() == text);
  }
  CHECK(*Price::parse("0.012") == *Price::parse("0.0120"));
  CHECK(*Price::parse("0.1") < *Price::parse("0.11"));
  CHECK(*Price::parse("0.9") < *Price::parse("1"));
  CHECK(*Price::parse("999999999.999999998") < *Price::parse("999999999.999999999"));
}

TEST_CASE("what is no decimal number is no price", "[routing]") {
  for (const char* text :
       {"", ".", ".5", "1.", "-1", "+1", "1,5", "1e3", "1.2.3", " 1", "1234567890", "0.1234567890"}) {
    CAPTURE(text);
    CHECK_FALSE(Price::parse(text));
  }
}
