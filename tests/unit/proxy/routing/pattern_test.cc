#include "proxy/routing/pattern.h"

#include <catch2/catch.hpp>

using namespace proxy::routing;

namespace {
bool matches(std::string_view pattern, std::string_view number) { return Pattern::parse(pattern)->matches(number); }
}  // namespace

TEST_CASE("patterns match digits, classes, globs and everything", "[routing]") {
  CHECK(matches("default", ""));
  CHECK(matches("default", "anything"));
  CHECK(matches("+49*", "+4930123"));
  CHECK_FALSE(matches("+49*", "+4830123"));
  CHECK(matches("9X[1-35]", "903"));
  CHECK(matches("9X[1-35]", "905"));
  CHECK_FALSE(matches("9X[1-35]", "904"));
  CHECK_FALSE(matches("9XX", "9a1"));
  CHECK(matches("0Z.", "0171"));
  CHECK_FALSE(matches("0Z.", "01"));
  CHECK_FALSE(matches("0Z.", "0071"));
  CHECK(matches("N?", "2#"));
  CHECK(matches("*12*45", "0012x1245"));
  CHECK_FALSE(matches("112", "1123"));
  CHECK_FALSE(matches("112", "11"));
}

TEST_CASE("a pattern of many stars stays cheap", "[routing]") {
  const auto pattern = Pattern::parse(std::string(60, '*') + "b");
  CHECK_FALSE(pattern->matches(std::string(5000, 'a')));
}

TEST_CASE("malformed patterns are refused", "[routing]") {
  CHECK(Pattern::parse("").error() == Pattern::Error::Empty);
  CHECK(Pattern::parse(std::string(129, '1')).error() == Pattern::Error::TooLong);
  CHECK(Pattern::parse("[12").error() == Pattern::Error::BadClass);
  CHECK(Pattern::parse("[]").error() == Pattern::Error::BadClass);
  CHECK(Pattern::parse("[9-1]").error() == Pattern::Error::BadClass);
  CHECK(Pattern::parse("1.2").error() == Pattern::Error::DotNotLast);
}

TEST_CASE("a class holds single characters and ranges, up to the last character there is", "[routing]") {
  CHECK(matches("[0-24+]", "0"));
  CHECK(matches("[0-24+]", "2"));
  CHECK(matches("[0-24+]", "4"));
  CHECK(matches("[0-24+]", "+"));
  CHECK_FALSE(matches("[0-24+]", "3"));
  CHECK_FALSE(matches("[0-24+]", "-"));
  CHECK(matches("[a-]", "-"));
  CHECK(matches("[-9]", "9"));
  CHECK(matches("[*X]", "*"));
  CHECK_FALSE(matches("[*X]", "1"));
  CHECK(matches("[\x7e-\x7f]", "\x7f"));
  CHECK(matches("[5-5]", "5"));
}

TEST_CASE("letters of the pattern language mean digits in upper case only", "[routing]") {
  CHECK(matches("X", "0"));
  CHECK_FALSE(matches("Z", "0"));
  CHECK(matches("Z", "1"));
  CHECK_FALSE(matches("N", "1"));
  CHECK(matches("N", "9"));
  CHECK_FALSE(matches("x", "0"));
  CHECK(matches("xzn", "xzn"));
}

TEST_CASE("a dot at the end wants one character more, a star none, a question mark exactly one", "[routing]") {
  CHECK_FALSE(matches("0.", "0"));
  CHECK(matches("0.", "0#"));
  CHECK(matches("0.", "0123"));
  CHECK(matches("0*", "0"));
  CHECK(matches("*", ""));
  CHECK_FALSE(matches("?", ""));
  CHECK_FALSE(matches("?", "12"));
  CHECK_FALSE(matches(".", ""));
}

TEST_CASE("a star gives back what the rest of the pattern needs", "[routing]") {
  CHECK(matches("*1", "11"));
  CHECK(matches("*1X", "1110"));
  CHECK(matches("**5*", "12345"));
  CHECK_FALSE(matches("*12*12", "12"));
  CHECK(matches("a*b*c", "a-b-b-c"));
}

TEST_CASE("a pattern made by nobody matches everything and is called default", "[routing]") {
  CHECK(Pattern{}.matches("anything"));
  CHECK(Pattern{}.text() == "default");
  CHECK(Pattern::parse("default")->text() == "default");
  CHECK_FALSE(matches("defaults", "anything"));
  CHECK(Pattern::parse("0X[1-5].")->text() == "0X[1-5].");
}

TEST_CASE("every reason that a pattern is refused for can be said", "[routing]") {
  CHECK(Pattern::parse(std::string(128, '1')));
  for (const auto error :
       {Pattern::Error::Empty, Pattern::Error::TooLong, Pattern::Error::BadClass, Pattern::Error::DotNotLast})
    CHECK_FALSE(to_string(error).empty());
  CHECK(to_string(Pattern::parse("[").error()) == "has a [class] that is empty, backwards or not closed");
}
