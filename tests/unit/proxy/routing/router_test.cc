#include "proxy/routing/router.h"

#include <catch2/catch.hpp>
#include <set>

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
                                                      "route rest: default matches", "dial 234 on b"});
}

TEST_CASE("weighted choices of a route are drawn by the call", "[routing]") {
  Route route{"r", Pattern{}, {}, {}, {}};
  route.choices = {{"a", 0, 1}, {"b", 0, 1}, {"spare", 1, 0}};
  const Router router{{}, {route}};
  std::set<std::string> firsts;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto decision = router.decide({"1", "example.org", "alice", seed});
    REQUIRE(decision);
    CHECK(decision->trunks.back() == "spare");
    CHECK(decision->trunks == router.explain({"1", "example.org", "alice", seed}).decision->trunks);
    firsts.insert(decision->trunks.front());
  }
  CHECK(firsts == std::set<std::string>{"a", "b"});
}

TEST_CASE("a route by cost tells what each trunk costs for the rewritten number", "[routing]") {
  Route route{"r", *Pattern::parse("9X."), {1, "+49"}, {"a", "b", "c"}, {}};
  route.order = Order::Cost;
  const auto table = [](const char* prefix, const char* price) {
    return RateTable{{{*NumberPrefix::parse(prefix), *Price::parse(price), {}}}};
  };
  const Router router{{}, {route}, {{"a", table("4930", "0.020")}, {"b", table("49", "0.01")}, {"c", table("1", "0")}}};
  const auto explanation = router.explain({"9301", "example.org", "alice"});
  REQUIRE(explanation.decision);
  CHECK(explanation.decision->trunks == std::vector<std::string>{"b", "a"});
  CHECK(explanation.steps == std::vector<std::string>{"alice asks for 9301 at example.org", "route r: 9X. matches",
                                                      "a costs 0.020 for 4930", "b costs 0.01 for 49",
                                                      "c has no rate for +49301", "dial +49301 on b, then a"});
  const Router poor{{}, {route}, {}};
  CHECK_FALSE(poor.decide({"9301", "example.org", "alice"}));
  CHECK(poor.explain({"9301", "example.org", "alice"}).steps.back() == "no trunk has a price: 404");
}
