#include "proxy/routing/router.h"

#include <catch2/catch.hpp>

using namespace proxy::routing;

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
