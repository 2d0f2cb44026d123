#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/bytes.h"

namespace relay::dtls {

/// Digest of a certificate as SDP carries it, RFC 8122 §5.
struct Fingerprint {
  std::string hash;  // "sha-256", lower case
  common::Bytes digest;
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

/// Value of `a=fingerprint:`, `sha-256 AB:CD:…`. Takes sha-1, sha-224, sha-256, sha-384 and sha-512 in either case,
/// with the length that belongs to the hash; nullopt for anything else.
std::optional<Fingerprint> parse_fingerprint(std::string_view text);
/// `sha-256 AB:CD:…`, upper-case hexadecimal as RFC 8122 §5 wants it.
std::string format_fingerprint(const Fingerprint& fingerprint);

}  // namespace relay::dtls
