#pragma once

#include <cstdint>
#include <string>
#include <string_view>

/// Telephone numbers in the forms that people dial, rules see and trunks want.
namespace proxy::routing {

/// How national and international numbers are written here.
struct NumberPlan {
  std::string country_code;          // "49": national numbers become +49…; empty: numbers stay as dialled
  std::string international_prefix;  // "00"; empty: none
  std::string national_prefix;       // "0"; empty: none
};

enum class NumberFormat : std::uint8_t { AsIs, E164, E164NoPlus, National };

/// Applied to a number: cut, then put in front.
struct Rewrite {
  std::size_t strip = 0;
  std::string prefix;
  bool changes() const noexcept { return strip != 0 || !prefix.empty(); }
  friend bool operator==(const Rewrite&, const Rewrite&) = default;
};
std::string rewrite(const Rewrite& rule, std::string_view number);

/// True for digits, `*`, `#` and visual separators, with a `+` before them or not; `alice.smith` is a name.
bool looks_like_number(std::string_view text);

/// Visual separators of RFC 3966 removed, and in E.164 form (`+` and country) if the plan has a country. Names stay.
std::string normalise(std::string_view number, const NumberPlan& plan);

/// The number as `format` has it: normalised, then with `+`, without it, or as a national subscriber dials it. What is
/// no E.164 number after that (112, a name) stays as it is.
std::string formatted(std::string_view number, NumberFormat format, const NumberPlan& plan);

}  // namespace proxy::routing
