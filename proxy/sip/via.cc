#include "proxy/sip/via.h"

#include <algorithm>

#include "common/base/text.h"
#include "proxy/sip/message.h"
#include "proxy/sip/uri.h"

namespace proxy::sip {

namespace {

/// Spaces may stand around the colon before a port, RFC 3261 §25.1, and nowhere else in `host : port`.
std::string joined(std::string_view sent_by) {
  const std::size_t colon = sent_by.rfind(':');
  if (colon == std::string_view::npos) return std::string{common::trim(sent_by)};
  return std::string{common::trim(sent_by.substr(0, colon))}.append(":").append(
      common::trim(sent_by.substr(colon + 1)));
}

}  // namespace

std::optional<Via> Via::parse(std::string_view text) {
  text = common::trim(text);
  std::string_view protocol = common::trim(common::take_until(text, '/'));
  const std::string_view version = common::trim(common::take_until(text, '/'));
  text = common::trim(text);
  if (!common::iequals(protocol, "SIP") || version != "2.0") return std::nullopt;
  const std::size_t space = text.find_first_of(" \t");
  if (space == std::string_view::npos || !is_token(text.substr(0, space))) return std::nullopt;
  Via via;
  via.transport = text.substr(0, space);
  std::ranges::transform(via.transport, via.transport.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; });
  text = common::trim(text.substr(space));
  const std::size_t semicolon = text.find(';');
  if (semicolon != std::string_view::npos && !via.params.parse(text.substr(semicolon))) return std::nullopt;
  const auto place = Uri::parse("sip:" + joined(text.substr(0, semicolon)));
  if (!place || !place->user.empty() || !place->headers.empty()) return std::nullopt;
  via.host = place->host;
  via.port = place->port;
  return via;
}

std::string Via::sent_by() const { return port == 0 ? host : host + ':' + std::to_string(port); }

std::string Via::to_string() const { return "SIP/2.0/" + transport + ' ' + sent_by() + params.to_string(); }

}  // namespace proxy::sip
