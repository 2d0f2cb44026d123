#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/result.h"

/// Digest access authentication, RFC 7616, for SIP (RFC 3261 §22, RFC 8760).
namespace proxy::auth {

enum class Algorithm : std::uint8_t { Md5, Sha256 };

/// `MD5`, `SHA-256`.
std::string_view to_string(Algorithm algorithm) noexcept;
/// Case-insensitive; an absent algorithm means MD5 (RFC 7616 §3.3). nullopt: an algorithm we do not speak.
std::optional<Algorithm> parse_algorithm(std::string_view name) noexcept;

/// The value of one WWW-Authenticate or Proxy-Authenticate header field.
struct Challenge {
  std::string realm;
  std::string nonce;
  std::string opaque;
  std::optional<Algorithm> algorithm;  // nullopt: unknown to us, skip this challenge
  bool qop_auth = false;               // `auth` is among the offered qop values
  bool stale = false;

  std::string to_string() const;
};

/// The value of one Authorization or Proxy-Authorization header field, quotes removed.
struct Credentials {
  std::string username;
  std::string realm;
  std::string nonce;
  std::string uri;
  std::string response;
  std::string algorithm;  // as written; empty: absent
  std::string cnonce;
  std::string opaque;
  std::string qop;
  std::string nc;  // eight hexadecimal digits
  std::string to_string() const;
};

enum class DigestError : std::uint8_t { NotDigest, Malformed, TooLong };

/// Bounded by 4096 characters; unknown parameters are skipped, a repeated one is Malformed.
[[nodiscard]] common::Result<Challenge, DigestError> parse_challenge(std::string_view value);
[[nodiscard]] common::Result<Credentials, DigestError> parse_credentials(std::string_view value);

/// H(username:realm:password) in lower-case hexadecimal, RFC 7616 §3.4.2.
std::string ha1(Algorithm algorithm, std::string_view username, std::string_view realm, std::string_view password);

/// The request-digest of RFC 7616 §3.4.1; without qop the form of RFC 2069. `secret_hash`: HA1 in hexadecimal.
std::string digest_response(Algorithm algorithm, std::string_view secret_hash, std::string_view method,
                            const Credentials& credentials);

}  // namespace proxy::auth
