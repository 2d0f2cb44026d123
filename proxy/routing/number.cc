#include "proxy/routing/number.h"

#include <algorithm>
#include <iterator>

namespace proxy::routing {
namespace {

bool is_visual_separator(char c) noexcept { return c == '-' || c == '.' || c == '(' || c == ')' || c == ' '; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// As somebody in the plan's country dials it; `e164` begins with `+`.
std::string dialled(std::string_view e164, const NumberPlan& plan) {
  const std::string_view digits = e164.substr(1);
  const bool is_ours = !plan.country_code.empty() && digits.starts_with(plan.country_code);
  if (is_ours) return plan.national_prefix + std::string{digits.substr(plan.country_code.size())};
  if (plan.international_prefix.empty()) return std::string{e164};
  return plan.international_prefix + std::string{digits};
}

}  // namespace

std::string rewrite(const Rewrite& rule, std::string_view number) {
  return rule.prefix + std::string{number.substr(std::min(rule.strip, number.size()))};
}

bool looks_like_number(std::string_view text) {
  const auto first = text.starts_with('+') ? text.substr(1) : text;
  return !first.empty() && std::ranges::all_of(first, [](char c) {
    return is_digit(c) || is_visual_separator(c) || c == '*' || c == '#';
  });
}

std::string normalise(std::string_view number, const NumberPlan& plan) {
  if (!looks_like_number(number)) return std::string{number};
  std::string plain;
  std::ranges::copy_if(number, std::back_inserter(plain), [](char c) { return !is_visual_separator(c); });
  if (plan.country_code.empty() || plain.starts_with('+')) return plain;
  const auto& [country, international, national] = plan;
  if (!international.empty() && plain.starts_with(international)) return '+' + plain.substr(international.size());
  if (!national.empty() && plain.starts_with(national)) return '+' + country + plain.substr(national.size());
  return plain;
}

std::string formatted(std::string_view number, NumberFormat format, const NumberPlan& plan) {
  if (format == NumberFormat::AsIs) return std::string{number};
  std::string e164 = normalise(number, plan);
  if (!e164.starts_with('+')) return e164;
  switch (format) {
    case NumberFormat::E164NoPlus:
      return e164.substr(1);
    case NumberFormat::National:
      return dialled(e164, plan);
    case NumberFormat::AsIs:
    case NumberFormat::E164:
      break;
  }
  return e164;
}

}  // namespace proxy::routing
