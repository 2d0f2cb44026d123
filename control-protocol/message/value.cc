#include "control-protocol/message/value.h"

#include "common/base/text.h"

namespace ng {

std::optional<std::int64_t> Value::as_integer() const {
  if (const auto* number = integer()) return *number;
  if (const auto* string = text()) return common::parse_number<std::int64_t>(common::trim(*string));
  return std::nullopt;
}

std::string Value::as_text() const {
  if (const auto* string = text()) return *string;
  if (const auto* number = integer()) return std::to_string(*number);
  return {};
}

std::vector<std::string> Value::as_texts() const {
  std::vector<std::string> texts;
  if (const auto* values = list()) {
    for (const Value& value : *values) {
      if (auto item = value.as_text(); !item.empty()) texts.push_back(std::move(item));
    }
  } else {
    const std::string whole = as_text();
    for (const auto piece : common::split(whole, ',')) {
      if (const auto item = common::trim(piece); !item.empty()) texts.emplace_back(item);
    }
  }
  return texts;
}

std::string_view to_string(DecodeError error) noexcept {
  switch (error) {
    case DecodeError::Truncated:
      return "message ends early";
    case DecodeError::Malformed:
      return "malformed message";
    case DecodeError::TooDeep:
      return "message is nested too deeply";
    case DecodeError::TooLarge:
      return "message is too large";
    case DecodeError::NotADictionary:
      return "message is not a dictionary";
    case DecodeError::TrailingBytes:
      return "bytes follow the message";
  }
  return "undecodable message";
}

}  // namespace ng
