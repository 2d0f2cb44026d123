#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "common/base/bytes.h"

namespace relay::codec {

/// One event block, RFC 4733 §2.3.
struct TelephoneEvent {
  std::uint8_t event = 0;  // 0–9, 10 '*', 11 '#', 12–15 A–D, others as registered
  bool end = false;
  std::uint8_t volume = 0;     // 0 to 63, dBm0 with the sign dropped
  std::uint16_t duration = 0;  // ticks of the event's clock rate
  friend bool operator==(const TelephoneEvent&, const TelephoneEvent&) = default;
};

inline constexpr std::size_t kEventSize = 4;

/// The first block of `payload`; nothing if it is shorter than one.
std::optional<TelephoneEvent> parse_event(common::ByteSpan payload) noexcept;
std::array<std::uint8_t, kEventSize> write_event(const TelephoneEvent& event) noexcept;

/// '0'–'9', '*', '#', 'A'–'D'; nothing for an event that is no digit.
std::optional<char> digit_of(std::uint8_t event) noexcept;

}  // namespace relay::codec
