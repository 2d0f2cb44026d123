#include "relay/codec/g711.h"

#include <array>
#include <bit>

namespace relay::codec {
namespace {

// µ-law as G.711 table 2a/2b: 14-bit magnitudes, with a bias of 33 every segment begins at a power of two.
constexpr int kUlawBias = 33;
constexpr int kUlawClip = 8158;  // the largest decision value below the overload point, of 14 bits

constexpr std::int16_t expand_ulaw(std::uint8_t code) noexcept {
  const unsigned bits = code ^ 0xffU;
  const unsigned segment = (bits >> 4) & 7;
  const int magnitude = static_cast<int>(((2 * (bits & 15) + kUlawBias) << segment) - kUlawBias);
  return static_cast<std::int16_t>(4 * ((bits & 0x80) != 0 ? -magnitude : magnitude));
}

constexpr std::int16_t expand_alaw(std::uint8_t code) noexcept {
  const unsigned bits = code ^ 0x55U;
  const unsigned segment = (bits >> 4) & 7;
  const unsigned step = 2 * (bits & 15) + 1;
  const int magnitude = static_cast<int>(segment == 0 ? step : (step + 32) << (segment - 1));
  return static_cast<std::int16_t>(8 * ((bits & 0x80) != 0 ? magnitude : -magnitude));
}

constexpr std::uint8_t compress_ulaw(std::int16_t sample) noexcept {
  const int linear = sample >> 2;  // 14 bits, magnitude in ones' complement as in G.711
  const bool negative = linear < 0;
  int magnitude = negative ? -linear - 1 : linear;
  magnitude = (magnitude > kUlawClip ? kUlawClip : magnitude) + kUlawBias;
  const int segment = static_cast<int>(std::bit_width(static_cast<unsigned>(magnitude))) - 6;
  const int bits = (segment << 4) | ((magnitude >> (segment + 1)) & 15);
  return static_cast<std::uint8_t>((bits | (negative ? 0x80 : 0)) ^ 0xff);
}

constexpr std::uint8_t compress_alaw(std::int16_t sample) noexcept {
  const int linear = sample >> 3;  // 13 bits, likewise
  const bool negative = linear < 0;
  const int magnitude = negative ? -linear - 1 : linear;
  const int segment = magnitude < 32 ? 0 : static_cast<int>(std::bit_width(static_cast<unsigned>(magnitude))) - 5;
  const int bits = (segment << 4) | ((magnitude >> (segment == 0 ? 1 : segment)) & 15);
  return static_cast<std::uint8_t>((bits | (negative ? 0 : 0x80)) ^ 0x55);
}

template <class Value, std::size_t size, class Make>
constexpr std::array<Value, size> table(Make make) noexcept {
  std::array<Value, size> out{};
  for (std::size_t i = 0; i < size; ++i) out[i] = make(i);
  return out;
}

constexpr auto kUlaw =
    table<std::int16_t, 256>([](std::size_t i) { return expand_ulaw(static_cast<std::uint8_t>(i)); });
constexpr auto kAlaw =
    table<std::int16_t, 256>([](std::size_t i) { return expand_alaw(static_cast<std::uint8_t>(i)); });
// Indexed by the upper 14 or 13 bits of the sample: the rest does not count.
constexpr auto kToUlaw = table<std::uint8_t, 16384>(
    [](std::size_t i) { return compress_ulaw(static_cast<std::int16_t>(static_cast<std::uint16_t>(i << 2))); });
constexpr auto kToAlaw = table<std::uint8_t, 8192>(
    [](std::size_t i) { return compress_alaw(static_cast<std::int16_t>(static_cast<std::uint16_t>(i << 3))); });

}  // namespace

std::int16_t decode_ulaw(std::uint8_t code) noexcept { return kUlaw[code]; }
std::int16_t decode_alaw(std::uint8_t code) noexcept { return kAlaw[code]; }
std::uint8_t encode_ulaw(std::int16_t sample) noexcept { return kToUlaw[static_cast<std::uint16_t>(sample) >> 2]; }
std::uint8_t encode_alaw(std::int16_t sample) noexcept { return kToAlaw[static_cast<std::uint16_t>(sample) >> 3]; }

}  // namespace relay::codec
