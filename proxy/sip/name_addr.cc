#include "proxy/sip/name_addr.h"

#include "common/base/text.h"

namespace proxy::sip {

namespace {

/// Where the angle bracket stands that opens the URI; npos: none outside quotes.
std::size_t find_bracket(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (!quoted && text[i] == '<') {
      return i;
    }
  }
  return std::string_view::npos;
}

}  // namespace

std::optional<NameAddr> NameAddr::parse(std::string_view text) {
  text = common::trim(text);
  NameAddr value;
  std::string_view uri_text;
  std::string_view rest;
  const std::size_t open = find_bracket(text);
  const bool bracketed = open != std::string_view::npos;
  if (bracketed) {
    const std::size_t close = text.find('>', open);
    if (close == std::string_view::npos) return std::nullopt;
    value.display = common::trim(text.substr(0, open));
    uri_text = common::trim(text.substr(open + 1, close - open - 1));
    rest = text.substr(close + 1);
  } else {
    const std::size_t semicolon = text.find(';');
    uri_text = common::trim(text.substr(0, semicolon));
    if (semicolon != std::string_view::npos) rest = text.substr(semicolon);
  }
  auto uri = Uri::parse(uri_text);
  if (uri && !bracketed && !uri->headers.empty()) return std::nullopt;  // RFC 3261 §20.10
  if (!uri || !value.params.parse(rest)) return std::nullopt;
  value.uri = std::move(*uri);
  return value;
}

std::string NameAddr::to_string() const {
  std::string text = display;
  if (!text.empty()) text += ' ';
  return text.append("<").append(uri.to_string()).append(">").append(params.to_string());
}

}  // namespace proxy::sip
