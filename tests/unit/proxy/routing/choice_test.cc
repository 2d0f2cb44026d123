#include "proxy/routing/choice.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

using namespace proxy::routing;
using Names = std::vector<std::string>;

namespace {

std::map<std::string, int> first_of_many(const std::vector<Choice>& choices) {
  std::map<std::string, int> firsts;
  for (std::uint64_t seed = 0; seed < 10'000; ++seed) ++firsts[by_weight(choices, seed).front()];
  return firsts;
}

Rate rate(const char* prefix, const char* price, Increment increment = {}) {
  return {*NumberPrefix::parse(prefix), *Price::parse(price), increment};
}

}  // namespace

TEST_CASE("the lowest priority is tried first, whatever the weights", "[routing]") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto order = by_weight({{"last", 20, 1000}, {"first", 0, 0}, {"b", 10, 1}, {"a", 10, 9}}, seed);
    REQUIRE(order.size() == 4);
    CHECK(order.front() == "first");
    CHECK(order.back() == "last");
  }
}

TEST_CASE("weights share the calls, and a weight of 0 gets hardly any", "[routing]") {
  auto firsts = first_of_many({{"three", 0, 300}, {"one", 0, 100}, {"none", 0, 0}});
  CHECK(std::abs(firsts["three"] - 7500) < 300);
  CHECK(std::abs(firsts["one"] - 2500) < 300);
  CHECK(firsts["none"] < 100);
  auto equal = first_of_many({{"a", 0, 0}, {"b", 0, 0}});
  CHECK(std::abs(equal["a"] - 5000) < 300);
}

TEST_CASE("one call has one order, on a node that names the trunks otherwise too", "[routing]") {
  const std::vector<Choice> choices{{"a", 0, 5}, {"b", 0, 3}, {"c", 0, 1}, {"d", 1, 0}};
  std::vector<Choice> others{choices.rbegin(), choices.rend()};
  for (std::uint64_t seed = 0; seed < 100; ++seed) CHECK(by_weight(choices, seed) == by_weight(others, seed));
}

TEST_CASE("the cheapest trunk comes first and one without a price not at all", "[routing]") {
  const Rates rates{{"a", RateTable{{rate("49", "0.02"), rate("4930", "0.03")}}},
                    {"b", RateTable{{rate("49", "0.025")}}},
                    {"c", RateTable{{rate("1", "0.001")}}}};
  const auto names = [&](const char* number) {
    Names out;
    for (const Ranked& entry : by_cost({"a", "b", "c", "d"}, rates, number)) out.push_back(entry.trunk);
    return out;
  };
  CHECK(names("+4989") == Names{"a", "b"});
  CHECK(names("+4930") == Names{"b", "a"});
  CHECK(names("+1") == Names{"c"});
  CHECK(names("+33").empty());
}

TEST_CASE("of equally cheap trunks the finer increment wins, then the order given", "[routing]") {
  const Rates rates{{"coarse", RateTable{{rate("49", "0.02", {60, 60})}}},
                    {"fine", RateTable{{rate("49", "0.020", {1, 1})}}},
                    {"same", RateTable{{rate("49", "0.02", {60, 60})}}}};
  const auto order = by_cost({"same", "coarse", "fine"}, rates, "+49");
  CHECK(order[0].trunk == "fine");
  CHECK(order[1].trunk == "same");
  CHECK(order[2].trunk == "coarse");
}
