#include "relay/stun/checksum.h"

#include <array>

namespace relay::stun {
namespace {

constexpr std::uint32_t kPolynomial = 0xEDB88320;  // reflected
constexpr std::uint32_t kFingerprintMask = 0x5354554E;

constexpr std::array<std::uint32_t, 256> make_table() noexcept {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < table.size(); ++i) {
    std::uint32_t rest = i;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? kPolynomial : 0);
    table[i] = rest;
  }
  return table;
}
constexpr auto kTable = make_table();

}  // namespace

std::uint32_t fingerprint_of(common::ByteSpan message) noexcept {
  std::uint32_t crc = 0xFFFFFFFF;
  for (const std::uint8_t byte : message) crc = (crc >> 8) ^ kTable[(crc ^ byte) & 0xFF];
  return ~crc ^ kFingerprintMask;
}

}  // namespace relay::stun
