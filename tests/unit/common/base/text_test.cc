#include "common/base/text.h"

#include <catch2/catch.hpp>

using namespace common;

TEST_CASE("keywords compare without case", "[text]") {
  CHECK(iequals("Content-Length", "content-length"));
  CHECK_FALSE(iequals("l", "ll"));
  CHECK(istarts_with("SIP/2.0 200", "sip/2.0"));
  CHECK_FALSE(istarts_with("SI", "sip"));
}

TEST_CASE("numbers are whole, or nothing", "[text]") {
  CHECK(parse_number<int>("42") == 42);
  CHECK(parse_number<std::uint8_t>("ff", 16) == 255);
  CHECK_FALSE(parse_number<int>(""));
  CHECK_FALSE(parse_number<int>("42x"));
  CHECK_FALSE(parse_number<std::uint8_t>("256"));
}

TEST_CASE("splitting keeps empty pieces", "[text]") {
  CHECK(split("a,,b", ',') == std::vector<std::string_view>{"a", "", "b"});
  CHECK(split("", ',') == std::vector<std::string_view>{""});
  std::string_view rest = "a:b:c";
  CHECK(take_until(rest, ':') == "a");
  CHECK(rest == "b:c");
  CHECK(trim(" \tx y\r\n") == "x y");
}
