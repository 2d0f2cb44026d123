#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/sip/params.h"

namespace proxy::sip {

inline constexpr std::string_view kMagicCookie = "z9hG4bK";

/// One Via value, RFC 3261 §20.42.
struct Via {
  std::string transport;   // upper case: UDP, TCP, TLS, WS, WSS
  std::string host;        // lower case; IPv6 in brackets
  std::uint16_t port = 0;  // 0: none written
  Params params;

  static std::optional<Via> parse(std::string_view text);
  std::string_view branch() const noexcept { return params.get("branch"); }
  std::string sent_by() const;
  std::string to_string() const;
};

}  // namespace proxy::sip
