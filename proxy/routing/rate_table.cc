#include "proxy/routing/rate_table.h"

#include <algorithm>

#include "common/base/text.h"

namespace proxy::routing {
namespace {

constexpr unsigned kBits = 4;
constexpr std::uint64_t kMask = 15;
constexpr std::uint16_t kLongestIncrement = 3600;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::string_view without_plus(std::string_view number) { return number.substr(number.starts_with('+') ? 1 : 0); }

/// Where the digit at `place` stands in the packed form.
unsigned shift_of(std::size_t place) noexcept {
  return static_cast<unsigned>(NumberPrefix::kLongest - 1 - place) * kBits;
}

std::optional<std::uint16_t> seconds(std::string_view text) {
  const auto number = common::parse_number<std::uint16_t>(text);
  if (!number || *number == 0 || *number > kLongestIncrement) return std::nullopt;
  return *number;
}

}  // namespace

std::optional<Increment> Increment::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto first = seconds(text.substr(0, slash));
  const auto next = slash == std::string_view::npos ? first : seconds(text.substr(slash + 1));
  if (!first || !next) return std::nullopt;
  return Increment{*first, *next};
}

std::optional<NumberPrefix> NumberPrefix::parse(std::string_view text) {
  const auto digits = without_plus(text);
  if (digits.empty() || digits.size() > kLongest || !std::ranges::all_of(digits, is_digit)) return std::nullopt;
  return of_number(digits);
}

NumberPrefix NumberPrefix::of_number(std::string_view number) {
  const auto digits = without_plus(number);
  NumberPrefix prefix;
  for (std::size_t i = 0; i < std::min(digits.size(), kLongest) && is_digit(digits[i]); ++i) {
    prefix.packed_ |= static_cast<std::uint64_t>(digits[i] - '0' + 1) << shift_of(i);
  }
  return prefix;
}

NumberPrefix NumberPrefix::shortened(std::size_t length) const noexcept {
  NumberPrefix prefix = *this;
  if (length < kLongest) prefix.packed_ &= ~((std::uint64_t{1} << (shift_of(length) + kBits)) - 1);
  return prefix;
}

std::size_t NumberPrefix::length() const noexcept {
  std::size_t length = 0;
  while (length < kLongest && (packed_ >> shift_of(length) & kMask) != 0) ++length;
  return length;
}

std::string NumberPrefix::to_string() const {
  std::string text;
  for (std::size_t i = 0; i < length(); ++i) {
    text += static_cast<char>('0' + static_cast<int>(packed_ >> shift_of(i) & kMask) - 1);
  }
  return text;
}

RateTable::RateTable(std::vector<Rate> rates) {
  std::ranges::stable_sort(rates, {}, &Rate::prefix);
  const auto again = std::ranges::unique(rates, {}, &Rate::prefix);
  rates.erase(again.begin(), again.end());
  rates.shrink_to_fit();
  rates_ = std::make_shared<const std::vector<Rate>>(std::move(rates));
}

const Rate* RateTable::find(std::string_view number) const noexcept {
  if (size() == 0) return nullptr;
  const NumberPrefix whole = NumberPrefix::of_number(number);
  for (std::size_t length = whole.length(); length > 0; --length) {
    const NumberPrefix prefix = whole.shortened(length);
    const auto found = std::ranges::lower_bound(*rates_, prefix, {}, &Rate::prefix);
    if (found != rates_->end() && found->prefix == prefix) return &*found;
  }
  return nullptr;
}

}  // namespace proxy::routing
