#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace ng {

class Value;
using List = std::vector<Value>;
using Dictionary = std::map<std::string, Value, std::less<>>;

/// What bencode and JSON have in common: an integer, a byte string, a list or a dictionary.
class Value {
 public:
  Value() = default;
  template <std::integral T>
  Value(T number) : data_(static_cast<std::int64_t>(number)) {}
  Value(std::string text) : data_(std::move(text)) {}
  Value(std::string_view text) : data_(std::string(text)) {}
  Value(const char* text) : data_(std::string(text)) {}
  Value(List list) : data_(std::move(list)) {}
  Value(Dictionary dictionary) : data_(std::move(dictionary)) {}

  const std::int64_t* integer() const noexcept { return std::get_if<std::int64_t>(&data_); }
  const std::string* text() const noexcept { return std::get_if<std::string>(&data_); }
  const List* list() const noexcept { return std::get_if<List>(&data_); }
  const Dictionary* dictionary() const noexcept { return std::get_if<Dictionary>(&data_); }
  List* list() noexcept { return std::get_if<List>(&data_); }
  Dictionary* dictionary() noexcept { return std::get_if<Dictionary>(&data_); }

  /// An integer, also when it was sent as a decimal string.
  std::optional<std::int64_t> as_integer() const;
  /// Text as it is, an integer in decimal; empty for the rest.
  std::string as_text() const;
  /// The texts of a list, or of one comma-separated string (RFC-less habit of some proxies). Nested values are left
  /// out.
  std::vector<std::string> as_texts() const;

  friend bool operator==(const Value&, const Value&) = default;

 private:
  std::variant<std::int64_t, std::string, List, Dictionary> data_;
};

/// Bounds of one message, for both codecs.
struct Limits {
  std::size_t bytes = 65536;
  std::size_t depth = 16;
  std::size_t values = 8192;
};

enum class DecodeError : std::uint8_t { Truncated, Malformed, TooDeep, TooLarge, NotADictionary, TrailingBytes };
std::string_view to_string(DecodeError error) noexcept;

}  // namespace ng
