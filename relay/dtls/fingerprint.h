#pragma once

#include <array>
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

}  // namespace relay::dtls
