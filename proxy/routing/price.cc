#include "proxy/routing/price.h"

#include <fmt/format.h>

#include <algorithm>

namespace proxy::routing {
namespace {

constexpr std::size_t kMost = 9;  // digits on either side: 10^18 fits

bool are_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::uint64_t number(std::string_view digits, std::uint64_t before = 0) {
  for (const char c : digits) before = before * 10 + static_cast<std::uint64_t>(c - '0');
  return before;
}

std::uint64_t power_of_ten(std::size_t exponent) {
  std::uint64_t power = 1;
  while (exponent-- > 0) power *= 10;
  return power;
}

}  // namespace

std::optional<Price> Price::parse(std::string_view text) {
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  const bool is_split = point == std::string_view::npos || !fraction.empty();
  if (whole.empty() || !is_split || whole.size() > kMost || fraction.size() > kMost) return std::nullopt;
  if (!are_digits(whole) || !are_digits(fraction)) return std::nullopt;
  Price price;
  price.digits_ = number(fraction, number(whole));
  price.decimals_ = static_cast<std::uint8_t>(fraction.size());
  return price;
}

std::string Price::to_string() const {
  if (decimals_ == 0) return std::to_string(digits_);
  const std::uint64_t unit = power_of_ten(decimals_);
  return fmt::format("{}.{:0{}}", digits_ / unit, digits_ % unit, decimals_);
}

std::uint64_t Price::billionths() const noexcept { return digits_ * power_of_ten(kMost - decimals_); }

}  // namespace proxy::routing
