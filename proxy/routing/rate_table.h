#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/routing/price.h"

namespace proxy::routing {

/// In what steps time is charged, in seconds: `60/1` is a whole first minute, then single seconds.
struct Increment {
  std::uint16_t first = 1;
  std::uint16_t next = 1;
  /// `60/1`, or `60` for `60/60`; each 1 to 3600. nullopt: anything else.
  static std::optional<Increment> parse(std::string_view text);
  friend auto operator<=>(const Increment&, const Increment&) = default;
};

/// The first digits of an E.164 number, without `+`, in eight bytes.
class NumberPrefix {
 public:
  static constexpr std::size_t kLongest = 15;
  NumberPrefix() = default;
  /// 1 to 15 digits, a `+` before them is ignored. nullopt: anything else.
  static std::optional<NumberPrefix> parse(std::string_view text);
  /// The leading digits of a number, as many as there are up to 15.
  static NumberPrefix of_number(std::string_view number);

  NumberPrefix shortened(std::size_t length) const noexcept;
  std::size_t length() const noexcept;
  std::string to_string() const;
  friend auto operator<=>(NumberPrefix, NumberPrefix) = default;

 private:
  std::uint64_t packed_ = 0;  // a digit plus one in four bits each, the first one topmost
};

/// What calls to numbers of one prefix cost.
struct Rate {
  NumberPrefix prefix;
  Price price;
  Increment increment;
};

/// The rates of one trunk. Immutable; copies share the entries (32 bytes each), so that a reload may keep them.
class RateTable {
 public:
  RateTable() = default;
  /// Of several rates for one prefix the first one holds.
  explicit RateTable(std::vector<Rate> rates);

  /// The rate of the longest prefix of `number` (E.164, with or without `+`); nullptr: none matches.
  const Rate* find(std::string_view number) const noexcept;
  std::size_t size() const noexcept { return rates_ == nullptr ? 0 : rates_->size(); }

 private:
  std::shared_ptr<const std::vector<Rate>> rates_;  // sorted by prefix; shared by the routers before and after a reload
};

}  // namespace proxy::routing
