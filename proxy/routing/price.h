#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace proxy::routing {

/// What a minute costs, in whatever currency the rates are. Exact: it compares as a decimal number and reads as it was
/// written (`0.0120` stays `0.0120`).
class Price {
 public:
  Price() = default;
  /// Digits, and a point with up to nine digits behind it; at most nine before it. nullopt: anything else, signs too.
  static std::optional<Price> parse(std::string_view text);

  std::string to_string() const;

  friend std::strong_ordering operator<=>(Price a, Price b) noexcept { return a.billionths() <=> b.billionths(); }
  friend bool operator==(Price a, Price b) noexcept { return a.billionths() == b.billionths(); }

 private:
  std::uint64_t billionths() const noexcept;

  std::uint64_t digits_ = 0;   // without the point
  std::uint8_t decimals_ = 0;  // 0 to 9 of them stand behind it
};

}  // namespace proxy::routing
