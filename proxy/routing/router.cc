#include "proxy/routing/router.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/byte_order.h"
#include "common/base/bytes.h"
#include "common/crypto/digest.h"

namespace proxy::routing {
RouteId route_id(std::string_view name) {
  const auto digest = common::crypto::sha256(common::as_bytes(name));
  return std::max(common::load_be16(digest.data()), RouteId{1});
}

Router::Router(Settings settings, std::vector<Route> routes, Rates rates)
    : settings_(std::move(settings)), routes_(std::move(routes)), rates_(std::move(rates)) {
  for (Route& route : routes_) route.media.route = route_id(route.name);
}

std::optional<MediaPolicy> Router::media_of(RouteId route) const {
  const auto found = std::ranges::find_if(routes_, [&](const Route& known) { return known.media.route == route; });
  if (found == routes_.end()) return std::nullopt;
  return found->media;
}

std::vector<std::string> Router::order_trunks(const Route& route, std::string_view number, std::uint64_t seed,
                                              const Step& step) const {
  std::vector<std::string> trunks = route.choices.empty() ? route.trunks : by_weight(route.choices, seed);
  if (step && !route.choices.empty()) step(fmt::format("by priority and weight: {}", fmt::join(trunks, ", then ")));
  if (route.order == Order::Given) return trunks;
  const auto ranked = by_cost(trunks, rates_, number);
  if (step) {
    for (const std::string& trunk : trunks) {
      const auto found = std::ranges::find(ranked, trunk, &Ranked::trunk);
      step(found == ranked.end() ? fmt::format("{} has no rate for {}", trunk, number)
                                 : fmt::format("{} costs {} for {}", trunk, found->rate->price.to_string(),
                                               found->rate->prefix.to_string()));
    }
  }
  trunks.clear();
  for (const Ranked& entry : ranked) trunks.push_back(entry.trunk);
  return trunks;
}

/// `step` is told every step; empty: nobody listens.
std::optional<Decision> Router::walk(const Query& query, const Step& step) const {
  const std::string number = normalise(query.number, settings_);
  if (step && number != query.number) step(fmt::format("normalised to {}", number));
  for (const Route& route : routes_) {
    if (!route.pattern.matches(number)) {
      if (step) step(fmt::format("route {}: {} does not match {}", route.name, route.pattern.text(), number));
      continue;
    }
    if (step) step(fmt::format("route {}: {} matches", route.name, route.pattern.text()));
    Decision decision{route.name, rewrite(route.rewrite, number), {}, route.media};
    decision.trunks = order_trunks(route, decision.number, query.seed, step);
    if (decision.trunks.empty()) {
      if (step) step("no trunk has a price: 404");
      return std::nullopt;
    }
    if (step) step(fmt::format("dial {} on {}", decision.number, fmt::join(decision.trunks, ", then ")));
    return decision;
  }
  if (step) step("no route matches: 404");
  return std::nullopt;
}

Explanation Router::explain(const Query& query) const {
  Explanation out;
  out.steps.push_back(fmt::format("{} asks for {} at {}", query.caller.empty() ? "somebody" : query.caller,
                                  query.number, query.domain));
  out.decision = walk(query, [&](std::string step) { out.steps.push_back(std::move(step)); });
  return out;
}

std::optional<Decision> Router::decide(const Query& query) const { return walk(query, {}); }

}  // namespace proxy::routing
