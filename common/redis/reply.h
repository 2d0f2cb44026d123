#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// An asynchronous client for Redis 6 and later over RESP2. hiredis parses and formats; connections, deadlines and
/// topology are ours. Only this folder includes <hiredis/…>.
namespace common::redis {

struct Nil {
  friend bool operator==(Nil, Nil) = default;
};

/// What the server refused, in its words: `NOAUTH Authentication required.`
struct Error {
  std::string text;
  /// Its first word.
  std::string_view code() const noexcept { return std::string_view{text}.substr(0, text.find(' ')); }
  friend bool operator==(const Error&, const Error&) = default;
};

/// One reply, RESP2. A value.
struct Reply {
  using Array = std::vector<Reply>;
  std::variant<Nil, std::int64_t, std::string, Error, Array> value;

  bool is_nil() const noexcept { return std::holds_alternative<Nil>(value); }
  /// nullptr: something else.
  const Error* error() const noexcept { return std::get_if<Error>(&value); }
  const std::string* text() const noexcept { return std::get_if<std::string>(&value); }
  const Array* array() const noexcept { return std::get_if<Array>(&value); }
  /// Also of a text that is a number.
  std::optional<std::int64_t> integer() const noexcept;

  friend bool operator==(const Reply&, const Reply&) = default;
};

}  // namespace common::redis
