#include "control-protocol/bencode/bencode.h"

#include <concepts>

#include "common/base/text.h"
#include "control-protocol/message/value_builder.h"

namespace ng {
namespace {

constexpr std::size_t kLongestNumber = 20;

/// Number up to `end_mark`, both taken off the front of `rest`.
template <std::integral T>
std::optional<T> take_number(std::string_view& rest, char end_mark, DecodeError& error) {
  const auto end = rest.substr(0, kLongestNumber + 1).find(end_mark);
  if (end == std::string_view::npos) {
    error = rest.size() > kLongestNumber ? DecodeError::Malformed : DecodeError::Truncated;
    return std::nullopt;
  }
  const auto number = common::parse_number<T>(rest.substr(0, end));
  if (!number) error = DecodeError::Malformed;
  rest.remove_prefix(end + 1);
  return number;
}

bool read_string(std::string_view& rest, ValueBuilder& builder, const Limits& limits) {
  DecodeError error{};
  const auto length = take_number<std::size_t>(rest, ':', error);
  if (!length) return builder.fail(error);
  if (*length > limits.bytes) return builder.fail(DecodeError::TooLarge);
  if (*length > rest.size()) return builder.fail(DecodeError::Truncated);
  std::string text(rest.substr(0, *length));
  rest.remove_prefix(*length);
  return builder.wants_key() ? builder.key(std::move(text)) : builder.value(std::move(text));
}

bool read_integer(std::string_view& rest, ValueBuilder& builder) {
  rest.remove_prefix(1);
  DecodeError error{};
  const auto number = take_number<std::int64_t>(rest, 'e', error);
  return number ? builder.value(*number) : builder.fail(error);
}

bool read_next(std::string_view& rest, ValueBuilder& builder, const Limits& limits) {
  const char c = rest.front();
  if (c >= '0' && c <= '9') return read_string(rest, builder, limits);
  if (c == 'i') return read_integer(rest, builder);
  rest.remove_prefix(1);
  if (c == 'd') return builder.begin(Dictionary{});
  if (c == 'l') return builder.begin(List{});
  if (c == 'e') return builder.end();
  return builder.fail(DecodeError::Malformed);
}

/// Reads the one dictionary at the front of `rest` and leaves what follows it.
bool read_dictionary(std::string_view& rest, ValueBuilder& builder, const Limits& limits) {
  const std::size_t whole = rest.size();
  while (!builder.complete()) {
    if (whole - rest.size() > limits.bytes) return builder.fail(DecodeError::TooLarge);
    if (rest.empty()) return builder.fail(whole >= limits.bytes ? DecodeError::TooLarge : DecodeError::Truncated);
    if (!read_next(rest, builder, limits)) return false;
  }
  return true;
}

void write_text(std::string& out, std::string_view text) {
  out += std::to_string(text.size());
  out += ':';
  out += text;
}

void write_value(std::string& out, const Value& value) {
  if (const auto* number = value.integer()) {
    out += 'i' + std::to_string(*number) + 'e';
  } else if (const auto* text = value.text()) {
    write_text(out, *text);
  } else if (const auto* list = value.list()) {
    out += 'l';
    for (const Value& item : *list) write_value(out, item);
    out += 'e';
  } else if (const auto* dictionary = value.dictionary()) {
    out += encode_bencode(*dictionary);
  }
}

}  // namespace

common::Result<Dictionary, DecodeError> decode_bencode(std::string_view text, const Limits& limits) {
  ValueBuilder builder(limits);
  if (text.size() > limits.bytes) return common::Err{DecodeError::TooLarge};
  if (!read_dictionary(text, builder, limits)) return common::Err{*builder.error()};
  if (!common::trim(text).empty()) return common::Err{DecodeError::TrailingBytes};
  return builder.take();
}

common::Result<std::size_t, DecodeError> measure_bencode(std::string_view text, const Limits& limits) {
  ValueBuilder builder(limits);
  std::string_view rest = text;
  if (!read_dictionary(rest, builder, limits)) return common::Err{*builder.error()};
  return text.size() - rest.size();
}

std::string encode_bencode(const Dictionary& dictionary) {
  std::string out = "d";
  for (const auto& [key, value] : dictionary) {
    write_text(out, key);
    write_value(out, value);
  }
  out += 'e';
  return out;
}

}  // namespace ng
