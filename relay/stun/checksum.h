#pragma once

#include <cstdint>

#include "common/base/bytes.h"

namespace relay::stun {

/// CRC-32 of ISO 3309 (as in Ethernet and gzip) combined with 0x5354554e, the value of FINGERPRINT, RFC 8489 §14.7.
std::uint32_t fingerprint_of(common::ByteSpan message) noexcept;

}  // namespace relay::stun
