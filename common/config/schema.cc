#include "common/config/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "common/base/text.h"
#include "common/config/nearest.h"

namespace common::config {
namespace {

using namespace std::chrono_literals;

struct DurationUnit {
  std::string_view suffix;
  Duration length;
};
constexpr std::array kDurationUnits{DurationUnit{"ms", 1ms}, DurationUnit{"s", 1s}, DurationUnit{"m", 1min},
                                    DurationUnit{"h", 1h}, DurationUnit{"d", 24h}};

struct SizeUnit {
  std::string_view suffix;
  std::int64_t bytes;
};
constexpr std::array kSizeUnits{SizeUnit{"", 1}, SizeUnit{"B", 1}, SizeUnit{"KiB", std::int64_t{1} << 10},
                                SizeUnit{"MiB", std::int64_t{1} << 20}, SizeUnit{"GiB", std::int64_t{1} << 30}};

constexpr std::int64_t kLargestNumber = 1'000'000'000;  // times the largest unit it still fits 64 bits

struct NumberAndUnit {
  std::int64_t number;
  std::string_view unit;
};
std::optional<NumberAndUnit> split_unit(std::string_view text) {
  const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto number = parse_number<std::int64_t>(text.substr(0, digits));
  if (!number) return std::nullopt;
  return NumberAndUnit{*number, trim(text.substr(digits))};
}

}  // namespace

Result<Duration, Complaint> parse_duration(std::string_view text) {
  const Complaint bad{"is not a duration", "write a whole number and one of ms, s, m, h, d, e.g. \"60s\""};
  const auto parts = split_unit(trim(text));
  if (!parts) return Err{bad};
  for (const DurationUnit& unit : kDurationUnits) {
    if (unit.suffix != parts->unit) continue;
    if (parts->number > std::chrono::hours{24 * 36500} / unit.length) {
      return Err{Complaint{"is longer than a century", "write a shorter duration"}};
    }
    return parts->number * unit.length;
  }
  return Err{bad};
}

std::string format_duration(Duration duration) {
  for (auto unit = kDurationUnits.rbegin(); unit != kDurationUnits.rend(); ++unit) {
    if (duration != Duration::zero() && duration % unit->length == Duration::zero()) {
      return fmt::format("{}{}", duration / unit->length, unit->suffix);
    }
  }
  return duration == Duration::zero() ? "0s" : fmt::format("{}ms", duration / 1ms);
}

Result<std::int64_t, Complaint> parse_size(std::string_view text) {
  const Complaint bad{"is not a size", "write a whole number and one of B, KiB, MiB, GiB, e.g. \"64KiB\""};
  const auto parts = split_unit(trim(text));
  if (!parts) return Err{bad};
  for (const SizeUnit& unit : kSizeUnits) {
    if (unit.suffix != parts->unit) continue;
    if (unit.bytes > 1 && parts->number > kLargestNumber) return Err{bad};
    return parts->number * unit.bytes;
  }
  return Err{bad};
}

std::string format_size(std::int64_t bytes) {
  for (auto unit = kSizeUnits.rbegin(); unit != kSizeUnits.rend(); ++unit) {
    if (bytes != 0 && bytes % unit->bytes == 0) return fmt::format("{}{}", bytes / unit->bytes, unit->suffix);
  }
  return fmt::format("{}B", bytes);
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

namespace detail {

std::optional<Complaint> check_integer(std::int64_t value, std::int64_t min, std::int64_t max) {
  if (value >= min && value <= max) return std::nullopt;
  return Complaint{fmt::format("is outside {} to {}", min, max), "write a number in this range"};
}

std::optional<Complaint> check_duration(Duration value, Duration min, Duration max) {
  if (value >= min && value <= max) return std::nullopt;
  return Complaint{fmt::format("is outside {} to {}", format_duration(min), format_duration(max)),
                   "write a duration in this range"};
}

std::optional<Complaint> check_size(std::int64_t value, std::int64_t min, std::int64_t max) {
  if (value >= min && value <= max) return std::nullopt;
  return Complaint{fmt::format("is outside {} to {}", format_size(min), format_size(max)),
                   "write a size in this range"};
}

std::optional<std::size_t> choose(std::string_view value, const std::vector<std::string>& names) {
  const auto found = std::find(names.begin(), names.end(), value);
  if (found == names.end()) return std::nullopt;
  return static_cast<std::size_t>(found - names.begin());
}

Complaint no_such_choice(std::string_view value, const std::vector<std::string>& names) {
  const auto near = nearest(value, names);
  return {"is not one of " + list_of(names), near ? fmt::format("did you mean \"{}\"?", *near) : "choose one of these"};
}

std::string list_of(const std::vector<std::string>& items) { return fmt::format("{}", fmt::join(items, ", ")); }

std::string quote_list(const std::vector<std::string>& items) {
  std::vector<std::string> quoted;
  quoted.reserve(items.size());
  for (const std::string& item : items) quoted.push_back(quote(item));
  return '[' + list_of(quoted) + ']';
}

}  // namespace detail
}  // namespace common::config
