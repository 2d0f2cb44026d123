#pragma once

#include <cstdint>

#include "common/base/strong.h"

namespace relay::rtp {

using Ssrc = common::Strong<struct SsrcTag, std::uint32_t>;  // host byte order

/// Signed distance from `from` to `to` on the circle of 16-bit sequence numbers: positive when `to` is newer.
constexpr std::int32_t sequence_distance(std::uint16_t from, std::uint16_t to) noexcept {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(to - from));
}

/// The same for 32-bit timestamps.
constexpr std::int64_t timestamp_distance(std::uint32_t from, std::uint32_t to) noexcept {
  return static_cast<std::int32_t>(to - from);
}

}  // namespace relay::rtp
