#include "proxy/auth/auth_params.h"

#include <optional>

#include "common/base/text.h"

namespace proxy::auth {
namespace {

constexpr std::size_t kLongest = 4096;
constexpr std::string_view kScheme = "Digest";

bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// Reads `name = value` pairs from front to back.
class ParamReader {
 public:
  explicit ParamReader(std::string_view text) : rest_(common::trim(text)) {}

  common::Result<Params, DigestError> read() {
    Params params;
    while (!rest_.empty()) {
      if (rest_.front() == ',') {  // empty list elements are allowed, RFC 7230 §7
        rest_ = common::trim(rest_.substr(1));
        continue;
      }
      const auto name = take_name();
      auto value = name.empty() ? std::nullopt : take_value();
      if (!value || !params.emplace(common::to_lower(name), std::move(*value)).second) {
        return common::Err{DigestError::Malformed};
      }
    }
    return params;
  }

 private:
  std::string_view take_name() {
    const auto equals = rest_.find('=');
    if (equals == std::string_view::npos) return {};
    const std::string_view name = common::trim(rest_.substr(0, equals));
    rest_ = common::trim(rest_.substr(equals + 1));
    return name.find_first_of(",\" \t") == std::string_view::npos ? name : std::string_view{};
  }

  std::optional<std::string> take_value() {
    auto value = !rest_.empty() && rest_.front() == '"' ? take_quoted() : take_token();
    rest_ = common::trim(rest_);
    if (!rest_.empty() && rest_.front() != ',') return std::nullopt;
    return value;
  }

  std::optional<std::string> take_quoted() {
    std::string out;
    for (std::size_t i = 1; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return out;
      }
      if (rest_[i] == '\\') ++i;
      if (i == rest_.size()) break;
      out += rest_[i];
    }
    return std::nullopt;
  }

  std::optional<std::string> take_token() {
    const auto end = std::min(rest_.find_first_of(", \t\r\n"), rest_.size());
    std::string out{rest_.substr(0, end)};
    rest_.remove_prefix(end);
    if (out.empty() || out.find('"') != std::string::npos) return std::nullopt;
    return out;
  }

  std::string_view rest_;
};

}  // namespace

common::Result<Params, DigestError> parse_params(std::string_view value) {
  if (value.size() > kLongest) return common::Err{DigestError::TooLong};
  value = common::trim(value);
  const bool digest =
      common::istarts_with(value, kScheme) && value.size() > kScheme.size() && is_space(value[kScheme.size()]);
  if (!digest) return common::Err{DigestError::NotDigest};
  return ParamReader{value.substr(kScheme.size())}.read();
}

std::string param(const Params& params, std::string_view name) {
  const auto found = params.find(name);
  return found == params.end() ? std::string{} : found->second;
}

std::string quote(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) continue;
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

}  // namespace proxy::auth
