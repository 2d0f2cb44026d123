#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/routing/choice.h"
#include "proxy/routing/number.h"
#include "proxy/routing/pattern.h"

/// Which trunks a number goes to. Evaluated in process from an immutable table of rules.
namespace proxy::routing {

/// Sixteen bits of a route's name, for what outlives this process. 0: no route.
using RouteId = std::uint16_t;
RouteId route_id(std::string_view name);

/// Media of a route: `relay = false` is signalling only. Interfaces are names of the relay's; empty: its default.
struct MediaPolicy {
  bool relay = true;
  std::string caller_interface;
  std::string callee_interface;
  bool require_encryption = false;  // refuse a leg that would be plain RTP
  RouteId route = 0;                // whose policy this is
  friend bool operator==(const MediaPolicy&, const MediaPolicy&) = default;
};

struct Route {
  std::string name;
  Pattern pattern;
  Rewrite rewrite;
  std::vector<std::string> trunks;  // names, in the order to try
  MediaPolicy media;
  std::vector<Choice> choices = {};  // instead of `trunks`
  Order order = Order::Given;
};

/// Who wants to reach what. Borrows.
struct Query {
  std::string_view number;  // user part of the Request-URI
  std::string_view domain;  // host of the Request-URI, for the explanation
  std::string_view caller;  // registered user or trunk, for the explanation
  std::uint64_t seed = 0;   // of weighted choices: the same for one call on every node
};

struct Decision {
  std::string rule;                 // name of the route that matched
  std::string number;               // after its rewrite
  std::vector<std::string> trunks;  // in the order to try, never empty
  MediaPolicy media;
};

/// A decision with every step that led to it, in words.
struct Explanation {
  std::optional<Decision> decision;
  std::vector<std::string> steps;
};

/// Rules in their order; the first match decides. A value: a reload makes a new router and swaps it in.
class Router {
 public:
  using Settings = NumberPlan;

  Router() = default;
  Router(Settings settings, std::vector<Route> routes, Rates rates = {});

  /// nullopt: no route, or none of its trunks has a price (404).
  std::optional<Decision> decide(const Query& query) const;
  Explanation explain(const Query& query) const;

  const NumberPlan& plan() const noexcept { return settings_; }

  /// The policy of the route with this id, as it is configured now; nullopt: there is none any more.
  std::optional<MediaPolicy> media_of(RouteId route) const;

  const std::vector<Route>& routes() const noexcept { return routes_; }

 private:
  using Step = std::function<void(std::string)>;
  std::optional<Decision> walk(const Query& query, const Step& step) const;
  std::vector<std::string> order_trunks(const Route& route, std::string_view number, std::uint64_t seed,
                                        const Step& step) const;

  Settings settings_;
  std::vector<Route> routes_;
  Rates rates_;
};

}  // namespace proxy::routing
