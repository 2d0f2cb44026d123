#include "proxy/routing/router.h"

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

TEST_CASE("the first matching route decides and rewrites", "[routing]") {
  const Router router{{},
                      {{"emergency", *Pattern::parse("112"), {}, {"local"}, {}},
                       {"outside",
                        *Pattern::parse("9X."),
                        {1, "+49"},
                        {"a", "b"},
                        {.relay = false, .caller_interface = {}, .callee_interface = {}}}}};
  CHECK(router.decide({"112", "example.org", "alice"})->rule == "emergency");
  const auto decision = router.decide({"930123", "example.org", "alice"});
  REQUIRE(decision);
  CHECK(decision->number == "+4930123");
  CHECK(decision->trunks == std::vector<std::string>{"a", "b"});
  CHECK_FALSE(decision->media.relay);
  CHECK_FALSE(router.decide({"555", "example.org", "alice"}));
}

TEST_CASE("an explanation names every rule it looked at and agrees with the decision", "[routing]") {
  const Router router{{}, {{"first", *Pattern::parse("1*"), {}, {"a"}, {}}, {"rest", Pattern{}, {}, {"b"}, {}}}};
  const auto explanation = router.explain({"2-34", "example.org", "alice"});
  REQUIRE(explanation.decision);
  CHECK(explanation.decision->rule == router.decide({"2-34", "example.org", "alice"})->rule);
  CHECK(explanation.steps == std::vector<std::string>{"alice asks for 2-34 at example.org", "normalised to 234",
                                                      "route first: 1* does not match 234",
                                                      "route rest: default matches; dial 234 on b"});
}

TEST_CASE("numbers become E.164 only where a country is configured; names stay", "[routing]") {
  const Router plain;
  CHECK(plain.normalise("(030) 12-34.5") == "03012345");
  CHECK(plain.normalise("alice.smith") == "alice.smith");
  const Router german{{"49", "00", "0"}, {}};
  CHECK(german.normalise("030 1234") == "+49301234");
  CHECK(german.normalise("0044 20 1") == "+44201");
  CHECK(german.normalise("+1-202") == "+1202");
  CHECK(german.normalise("112") == "112");
}
