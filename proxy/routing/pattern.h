#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"

namespace proxy::routing {

/// What a number must look like. Matching is linear in the number's length times the pattern's, never worse.
///
///   `default`   everything, tried as any other rule in its place
///   `+49*`      prefix or glob: `*` any characters, `?` one character
///   `0X[1-5].`  X a digit, Z 1 to 9, N 2 to 9, [1-5] a class, `.` one or more characters (at the end)
class Pattern {
 public:
  enum class Error : std::uint8_t { Empty, TooLong, BadClass, DotNotLast };

  Pattern() = default;  // matches everything
  [[nodiscard]] static common::Result<Pattern, Error> parse(std::string_view text);

  bool matches(std::string_view number) const noexcept;
  const std::string& text() const noexcept { return text_; }

 private:
  struct Item {
    enum class Kind : std::uint8_t { Set, Any, Star } kind = Kind::Any;
    std::string set;  // allowed characters of Kind::Set
  };
  static bool fits(const Item& item, char c) noexcept;

  std::string text_ = "default";
  std::vector<Item> items_{{Item::Kind::Star, {}}};
};

std::string_view to_string(Pattern::Error error) noexcept;

}  // namespace proxy::routing
