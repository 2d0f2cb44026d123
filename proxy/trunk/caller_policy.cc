#include "proxy/trunk/caller_policy.h"

#include <algorithm>

namespace proxy::trunk {
namespace {

bool is_named(const std::vector<routing::Pattern>& patterns, const std::string& number) {
  return std::ranges::any_of(patterns, [&](const auto& pattern) { return pattern.matches(number); });
}

std::string chosen(const CallerPolicy& policy, const CallerNumbers& caller, const routing::NumberPlan& plan) {
  switch (policy.show) {
    case CallerPolicy::Show::Anonymous:
      return {};
    case CallerPolicy::Show::Number:
      return policy.number;
    case CallerPolicy::Show::Caller:
      break;
  }
  if (policy.allowed.empty()) return caller.own;
  const auto is_allowed = [&](const std::string& number) {
    return !number.empty() && is_named(policy.allowed, routing::normalise(number, plan));
  };
  if (is_allowed(caller.preferred)) return caller.preferred;
  return is_allowed(caller.own) ? caller.own : policy.number;
}

}  // namespace

std::string shown_number(const CallerPolicy& policy, const CallerNumbers& caller, const routing::NumberPlan& plan) {
  return routing::formatted(chosen(policy, caller, plan), policy.format, plan);
}

}  // namespace proxy::trunk
