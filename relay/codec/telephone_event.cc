#include "relay/codec/telephone_event.h"

#include <string_view>

namespace relay::codec {

std::optional<TelephoneEvent> parse_event(common::ByteSpan payload) noexcept {
  if (payload.size() < kEventSize) return std::nullopt;
  return TelephoneEvent{.event = payload[0],
                        .end = (payload[1] & 0x80) != 0,
                        .volume = static_cast<std::uint8_t>(payload[1] & 0x3f),
                        .duration = common::load_be16(payload.data() + 2)};
}

std::array<std::uint8_t, kEventSize> write_event(const TelephoneEvent& event) noexcept {
  return {event.event, static_cast<std::uint8_t>((event.end ? 0x80 : 0) | (event.volume & 0x3f)),
          static_cast<std::uint8_t>(event.duration >> 8), static_cast<std::uint8_t>(event.duration)};
}

std::optional<char> digit_of(std::uint8_t event) noexcept {
  constexpr std::string_view kDigits = "0123456789*#ABCD";
  if (event >= kDigits.size()) return std::nullopt;
  return kDigits[event];
}

}  // namespace relay::codec
