#pragma once

#include <cstdint>

/// ITU-T G.711 between one octet and 16-bit linear PCM, exact to its tables (14 bits for µ-law, 13 for A-law).
namespace relay::codec {

std::int16_t decode_ulaw(std::uint8_t code) noexcept;
std::int16_t decode_alaw(std::uint8_t code) noexcept;
std::uint8_t encode_ulaw(std::int16_t sample) noexcept;
std::uint8_t encode_alaw(std::int16_t sample) noexcept;

}  // namespace relay::codec
