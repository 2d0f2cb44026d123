#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace common {

/// ASCII only: SIP, SDP and HTTP compare their keywords without regard to case and locale.
constexpr char to_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
std::string to_lower(std::string_view text);
bool iequals(std::string_view a, std::string_view b) noexcept;
bool istarts_with(std::string_view text, std::string_view prefix) noexcept;

/// Without spaces, tabs, CR and LF at both ends. A view into `text`.
std::string_view trim(std::string_view text) noexcept;

/// Pieces between `separator`, views into `text`; an empty text gives one empty piece.
std::vector<std::string_view> split(std::string_view text, char separator);

/// The piece before the first `separator` (all of `text` if there is none); `text` becomes what follows it.
std::string_view take_until(std::string_view& text, char separator) noexcept;

/// The whole of `text` as a decimal number (or in `base`); nullopt on any other character, on overflow and on "".
template <std::integral T>
std::optional<T> parse_number(std::string_view text, int base = 10) noexcept {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

}  // namespace common
