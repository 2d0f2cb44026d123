#include "proxy/routing/number.h"

#include <catch2/catch.hpp>

using namespace proxy::routing;

namespace {

const NumberPlan kGerman{"49", "00", "0"};

}  // namespace

TEST_CASE("numbers become E.164 only where a country is configured; names stay", "[routing]") {
  CHECK(normalise("(030) 12-34.5", {}) == "03012345");
  CHECK(normalise("alice.smith", {}) == "alice.smith");
  CHECK(normalise("030 1234", kGerman) == "+49301234");
  CHECK(normalise("0044 20 1", kGerman) == "+44201");
  CHECK(normalise("+1-202", kGerman) == "+1202");
  CHECK(normalise("112", kGerman) == "112");
}

TEST_CASE("a trunk gets a number in the form it wants", "[routing]") {
  const auto in = [](NumberFormat format, const char* number) { return formatted(number, format, kGerman); };
  CHECK(in(NumberFormat::AsIs, "030 1") == "030 1");
  CHECK(in(NumberFormat::E164, "030 1") == "+49301");
  CHECK(in(NumberFormat::E164, "0044201") == "+44201");
  CHECK(in(NumberFormat::E164NoPlus, "+4930-1") == "49301");
  CHECK(in(NumberFormat::National, "+49301") == "0301");
  CHECK(in(NumberFormat::National, "+44201") == "0044201");
  CHECK(formatted("+44201", NumberFormat::National, {}) == "+44201");
}

TEST_CASE("what is no E.164 number keeps its form", "[routing]") {
  for (const auto format : {NumberFormat::E164, NumberFormat::E164NoPlus, NumberFormat::National}) {
    CHECK(formatted("112", format, kGerman) == "112");
    CHECK(formatted("alice", format, kGerman) == "alice");
  }
}

TEST_CASE("a rewrite cuts, then puts in front", "[routing]") {
  CHECK(rewrite({2, "+"}, "0044") == "+44");
  CHECK(rewrite({9, "1"}, "44") == "1");
}
