#include "proxy/routing/router.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/byte_order.h"
#include "common/base/bytes.h"
#include "common/crypto/digest.h"

namespace proxy::routing {
namespace {

bool is_visual_separator(char c) noexcept { return c == '-' || c == '.' || c == '(' || c == ')' || c == ' '; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Only what is dialled as a number is normalised; `alice.smith` keeps its dot.
bool looks_like_number(std::string_view text) {
  const auto first = text.starts_with('+') ? text.substr(1) : text;
  return !first.empty() && std::all_of(first.begin(), first.end(), [](char c) {
    return is_digit(c) || is_visual_separator(c) || c == '*' || c == '#';
  });
}

std::string rewrite(const Rewrite& rule, std::string_view number) {
  return rule.prefix + std::string{number.substr(std::min(rule.strip, number.size()))};
}

}  // namespace

RouteId route_id(std::string_view name) {
  const auto digest = common::crypto::sha256(common::as_bytes(name));
  return std::max(common::load_be16(digest.data()), RouteId{1});
}

Router::Router(Settings settings, std::vector<Route> routes)
    : settings_(std::move(settings)), routes_(std::move(routes)) {
  for (Route& route : routes_) route.media.route = route_id(route.name);
}

std::optional<MediaPolicy> Router::media_of(RouteId route) const {
  const auto found = std::ranges::find_if(routes_, [&](const Route& known) { return known.media.route == route; });
  if (found == routes_.end()) return std::nullopt;
  return found->media;
}

std::string Router::normalise(std::string_view number) const {
  if (!looks_like_number(number)) return std::string{number};
  std::string plain;
  std::copy_if(number.begin(), number.end(), std::back_inserter(plain), [](char c) { return !is_visual_separator(c); });
  if (settings_.country_code.empty() || plain.starts_with('+')) return plain;
  const auto& [country, international, national] = settings_;
  if (!international.empty() && plain.starts_with(international)) return '+' + plain.substr(international.size());
  if (!national.empty() && plain.starts_with(national)) return '+' + country + plain.substr(national.size());
  return plain;
}

Explanation Router::explain(const Query& query) const {
  Explanation out;
  const std::string number = normalise(query.number);
  out.steps.push_back(fmt::format("{} asks for {} at {}", query.caller.empty() ? "somebody" : query.caller,
                                  query.number, query.domain));
  if (number != query.number) out.steps.push_back(fmt::format("normalised to {}", number));
  for (const Route& route : routes_) {
    if (!route.pattern.matches(number)) {
      out.steps.push_back(fmt::format("route {}: {} does not match {}", route.name, route.pattern.text(), number));
      continue;
    }
    out.decision = Decision{route.name, rewrite(route.rewrite, number), route.trunks, route.media};
    out.steps.push_back(fmt::format("route {}: {} matches; dial {} on {}", route.name, route.pattern.text(),
                                    out.decision->number, fmt::join(route.trunks, ", then ")));
    return out;
  }
  out.steps.push_back("no route matches: 404");
  return out;
}

std::optional<Decision> Router::decide(const Query& query) const {
  const std::string number = normalise(query.number);
  for (const Route& route : routes_) {
    if (route.pattern.matches(number)) {
      return Decision{route.name, rewrite(route.rewrite, number), route.trunks, route.media};
    }
  }
  return std::nullopt;
}

}  // namespace proxy::routing
