#include "proxy/sip/uri.h"

#include <algorithm>

#include "common/base/text.h"

namespace proxy::sip {

namespace {

bool is_scheme(std::string_view text) {
  const auto allowed = [](char c) {
    const char l = common::to_lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
  };
  return !text.empty() && text.size() <= 32 && std::ranges::all_of(text, allowed);
}

bool is_host(std::string_view text) {
  if (text.starts_with('[')) {
    return text.ends_with(']') && text.size() > 3 &&
           text.substr(1, text.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
  }
  const auto allowed = [](char c) {
    const char l = common::to_lower(c);
    return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  };
  return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, allowed);
}

/// `host` or `host:port`.
bool parse_hostport(std::string_view text, std::string& host, std::uint16_t& port) {
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  const std::size_t colon = text.find(':', bracket);
  if (colon != std::string_view::npos) {
    const auto number = common::parse_number<std::uint16_t>(text.substr(colon + 1));
    if (!number || *number == 0) return false;
    port = *number;
    text = text.substr(0, colon);
  }
  host = common::to_lower(text);
  return is_host(text);
}

bool has_bad_character(std::string_view text) {
  return std::ranges::any_of(text,
                             [](char c) { return static_cast<unsigned char>(c) <= 0x20 || c == '<' || c == '>'; });
}

}  // namespace

std::optional<Uri> Uri::parse(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || !is_scheme(text.substr(0, colon)) || has_bad_character(text))
    return std::nullopt;
  Uri uri;
  uri.scheme = common::to_lower(text.substr(0, colon));
  std::string_view rest = text.substr(colon + 1);
  if (rest.empty()) return std::nullopt;
  if (!uri.is_sip()) {
    uri.opaque = rest;
    return uri;
  }
  const std::size_t question =
      rest.find('?', std::min(rest.find('@'), rest.size()) == rest.size() ? 0 : rest.find('@'));
  if (question != std::string_view::npos) {
    uri.headers = rest.substr(question + 1);
    rest = rest.substr(0, question);
  }
  const std::size_t at = rest.find('@');
  if (at != std::string_view::npos) {
    if (at == 0) return std::nullopt;
    uri.user = rest.substr(0, at);
    rest = rest.substr(at + 1);
  }
  const std::size_t semicolon = rest.find(';');
  if (semicolon != std::string_view::npos) {
    if (!uri.params.parse(rest.substr(semicolon))) return std::nullopt;
    rest = rest.substr(0, semicolon);
  }
  if (!parse_hostport(rest, uri.host, uri.port)) return std::nullopt;
  return uri;
}

std::string Uri::plain_user() const {
  std::string_view text = is_sip() ? std::string_view{user} : std::string_view{opaque};
  text = text.substr(0, text.find_first_of(":;"));
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto code = text[i] == '%' && i + 2 < text.size()
                          ? common::parse_number<std::uint8_t>(text.substr(i + 1, 2), 16)
                          : std::nullopt;
    if (code && *code > 0x20 && *code < 0x7f) {
      plain += static_cast<char>(*code);
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::string Uri::to_string() const {
  if (!is_sip()) return scheme + ':' + opaque;
  std::string text = scheme + ':';
  if (!user.empty()) text.append(user).append("@");
  text += host;
  if (port != 0) text.append(":").append(std::to_string(port));
  text += params.to_string();
  if (!headers.empty()) text.append("?").append(headers);
  return text;
}

bool is_sips(std::string_view uri) noexcept { return common::istarts_with(uri, "sips:"); }

std::string escape_user(std::string_view text) {
  constexpr std::string_view kMarks = "-_.!~*'()+";
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string escaped;
  for (const char c : text) {
    const bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (alphanumeric || kMarks.find(c) != std::string_view::npos) {
      escaped += c;
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    escaped.append("%").append(1, kHex[byte >> 4]).append(1, kHex[byte & 15]);
  }
  return escaped;
}

}  // namespace proxy::sip
