#include "control-protocol/json/json.h"

#include <nlohmann/json.hpp>

#include "common/base/text.h"
#include "control-protocol/message/value_builder.h"

namespace ng {
namespace {

/// Passes the events of nlohmann's parser, which keeps its own stack, on to the builder.
class Sax final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Sax(const Limits& limits) : builder_(limits) {}
  ValueBuilder& builder() noexcept { return builder_; }

  bool null() override { return builder_.value(std::string{}); }
  bool boolean(bool truth) override { return builder_.value(truth ? 1 : 0); }
  bool number_integer(std::int64_t number) override { return builder_.value(number); }
  bool number_unsigned(std::uint64_t number) override {
    return std::in_range<std::int64_t>(number) ? builder_.value(number) : builder_.fail(DecodeError::Malformed);
  }
  bool number_float(double, const std::string&) override { return builder_.fail(DecodeError::Malformed); }
  bool string(std::string& text) override { return builder_.value(std::move(text)); }
  bool binary(nlohmann::json::binary_t&) override { return builder_.fail(DecodeError::Malformed); }
  bool key(std::string& text) override { return builder_.key(std::move(text)); }
  bool start_object(std::size_t) override { return builder_.begin(Dictionary{}); }
  bool end_object() override { return builder_.end(); }
  bool start_array(std::size_t) override { return builder_.begin(List{}); }
  bool end_array() override { return builder_.end(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return builder_.fail(DecodeError::Malformed);
  }

 private:
  ValueBuilder builder_;
};

nlohmann::json to_json(const Value& value);

nlohmann::json to_json(const Dictionary& dictionary) {
  auto object = nlohmann::json::object();
  for (const auto& [key, value] : dictionary) object[key] = to_json(value);
  return object;
}

nlohmann::json to_json(const Value& value) {
  if (const auto* number = value.integer()) return *number;
  if (const auto* text = value.text()) return *text;
  if (const auto* dictionary = value.dictionary()) return to_json(*dictionary);
  auto array = nlohmann::json::array();
  for (const Value& item : *value.list()) array.push_back(to_json(item));
  return array;
}

}  // namespace

common::Result<Dictionary, DecodeError> decode_json(std::string_view text, const Limits& limits) {
  if (text.size() > limits.bytes) return common::Err{DecodeError::TooLarge};
  // The parser takes a NUL for the end and would not look at what follows; JSON has none, RFC 8259 §2 and §7.
  if (text.find('\0') != std::string_view::npos) return common::Err{DecodeError::Malformed};
  Sax sax(limits);
  const bool parsed = nlohmann::json::sax_parse(text.begin(), text.end(), &sax);
  if (const auto error = sax.builder().error()) return common::Err{*error};
  if (!parsed || !sax.builder().complete()) return common::Err{DecodeError::Malformed};
  return sax.builder().take();
}

common::Result<std::size_t, DecodeError> measure_json(std::string_view text, const Limits& limits) {
  if (text.empty()) return common::Err{DecodeError::Truncated};
  if (text.front() != '{') return common::Err{DecodeError::NotADictionary};
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size() && at < limits.bytes; ++at) {
    const char c = text[at];
    if (in_string) {
      if (c == '\\') {
        ++at;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > limits.depth) return common::Err{DecodeError::TooDeep};
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return at + 1;
    }
  }
  return common::Err{text.size() >= limits.bytes ? DecodeError::TooLarge : DecodeError::Truncated};
}

std::string encode_json(const Dictionary& dictionary) {
  return to_json(dictionary).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace ng
