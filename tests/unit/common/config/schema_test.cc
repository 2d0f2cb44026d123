#include "common/config/schema.h"

#include <catch2/catch.hpp>

using namespace common::config;
using namespace std::chrono_literals;

TEST_CASE("durations and sizes are exact, bounded and printed in their largest unit", "[config]") {
  CHECK(parse_duration("250ms") == common::Duration{250ms});
  CHECK(parse_duration("1d") == common::Duration{24h});
  for (const char* bad : {"", "s", "1", "-1s", "1.5s", "1 week", "99999999999999999999s", "9999999999999d"}) {
    CHECK_FALSE(parse_duration(bad));
  }
  CHECK(format_duration(90s) == "90s");
  CHECK(format_duration(120s) == "2m");
  CHECK(parse_size("1GiB") == std::int64_t{1} << 30);
  CHECK(parse_size("17") == 17);
  CHECK_FALSE(parse_size("9999999999999GiB"));
  CHECK_FALSE(parse_size("-1"));
  CHECK(format_size(65536) == "64KiB");
}

TEST_CASE("a duration of more than a century is told apart from one that is none", "[config]") {
  CHECK(parse_duration("36500d") == common::Duration{24h * 36500});
  CHECK(parse_duration("36501d").error().problem == "is longer than a century");
  CHECK(parse_duration("1w").error().problem == "is not a duration");
}

TEST_CASE("what people read is what they may write", "[config]") {
  for (const auto& length :
       {common::Duration{0s}, common::Duration{250ms}, common::Duration{90s}, common::Duration{48h}})
    CHECK(parse_duration(format_duration(length)) == length);
  for (const std::int64_t bytes : {std::int64_t{0}, std::int64_t{1000}, std::int64_t{3} << 20, std::int64_t{5} << 30})
    CHECK(parse_size(format_size(bytes)) == bytes);
}

TEST_CASE("a quoted text is TOML whatever stands in it", "[config]") {
  CHECK(quote("plain") == "\"plain\"");
  CHECK(quote("a\"b\\c") == "\"a\\\"b\\\\c\"");
  CHECK(quote("a\nb\x7f") == "\"a\\u000ab\\u007f\"");
}

TEST_CASE("the ends of a range belong to it", "[config]") {
  CHECK_FALSE(detail::check_integer(1, 1, 9));
  CHECK_FALSE(detail::check_integer(9, 1, 9));
  CHECK(detail::check_integer(10, 1, 9)->problem == "is outside 1 to 9");
  CHECK_FALSE(detail::check_duration(1s, 1s, 1h));
  CHECK(detail::check_duration(2h, 1s, 1h)->problem == "is outside 1s to 1h");
  CHECK_FALSE(detail::check_size(2048, 1024, 2048));
  CHECK(detail::check_size(1, 1024, 2048)->problem == "is outside 1KiB to 2KiB");
}
