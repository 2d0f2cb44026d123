#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "common/base/bytes.h"

namespace common::crypto {

using Md5Digest = std::array<std::uint8_t, 16>;
using Sha1Digest = std::array<std::uint8_t, 20>;
using Sha256Digest = std::array<std::uint8_t, 32>;

Md5Digest md5(ByteSpan data);
Sha1Digest sha1(ByteSpan data);  // WebSocket accept keys only, RFC 6455 §4.2.2
Sha256Digest sha256(ByteSpan data);
Sha1Digest hmac_sha1(ByteSpan key, ByteSpan data);
Sha256Digest hmac_sha256(ByteSpan key, ByteSpan data);

/// A key of its own for each purpose out of one secret: 32 bytes, HMAC-SHA-256 of the purpose.
Bytes derive_key(ByteSpan secret, std::string_view purpose);

/// Takes the same time wherever the first difference lies.
bool constant_time_equal(ByteSpan a, ByteSpan b) noexcept;

}  // namespace common::crypto
