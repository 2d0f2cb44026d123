#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/sip/params.h"

namespace proxy::sip {

// Where SIP is spoken unless a port is named, RFC 3261 §19.1.2.
inline constexpr std::uint16_t kPort = 5060;
inline constexpr std::uint16_t kSecurePort = 5061;  // over TLS

/// A SIP or SIPS URI (RFC 3261 §19.1), or any other kept whole in `opaque`.
struct Uri {
  std::string scheme = "sip";  // lower case
  std::string user;            // userinfo as written (escapes and a password kept); empty: none
  std::string host;            // lower case; IPv6 in brackets
  std::uint16_t port = 0;      // 0: none written
  Params params;
  std::string headers;  // behind `?`
  std::string opaque;   // what follows the scheme of a tel, urn, … URI

  static std::optional<Uri> parse(std::string_view text);
  bool is_sip() const noexcept { return scheme == "sip" || scheme == "sips"; }
  /// User part without password, parameters and escapes: what routes compare. For `tel:` the number.
  std::string plain_user() const;
  std::string to_string() const;
  /// As written but for the case of scheme and host: equal ones are equal by RFC 3261 §19.1.4, not the other way round.
  friend bool operator==(const Uri&, const Uri&) = default;
};

/// True for a SIPS URI.
bool is_sips(std::string_view uri) noexcept;

/// `text` as a user part: what is no letter, digit or mark of RFC 2396 §2.3 (nor +) is escaped, so that nothing in it
/// can end the user part or open a parameter.
std::string escape_user(std::string_view text);

}  // namespace proxy::sip
