#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/routing/rate_table.h"

namespace proxy::routing {

/// A trunk among those of a route; priority and weight as in RFC 2782: the lowest priority first, within one by
/// weighted chance, a weight of 0 seldom before others.
struct Choice {
  std::string trunk;
  std::uint16_t priority = 0;
  std::uint16_t weight = 1;
};

enum class Order : std::uint8_t { Given, Cost };

/// Rates by the name of the trunk.
using Rates = std::map<std::string, RateTable, std::less<>>;

/// A trunk in its place; `rate`: nullptr unless the cost decides.
struct Ranked {
  std::string trunk;
  const Rate* rate = nullptr;
};

/// By priority and weight. The same choices in whatever order and the same seed give the same order on every node.
std::vector<std::string> by_weight(const std::vector<Choice>& choices, std::uint64_t seed);

/// The cheapest first, of equally cheap ones that with the finer increment, then as `trunks` has them. Those without a
/// rate for `number` are left out. Borrows from `rates`.
std::vector<Ranked> by_cost(const std::vector<std::string>& trunks, const Rates& rates, std::string_view number);

}  // namespace proxy::routing
