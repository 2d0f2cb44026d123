#include "common/crypto/random.h"

#include <openssl/rand.h>

#include "common/base/encoding.h"
#include "common/base/invariant.h"

namespace common::crypto {

Bytes Random::bytes(std::size_t count) {
  Bytes out(count);
  fill(out);
  return out;
}

std::uint32_t Random::u32() {
  std::uint8_t raw[4];
  fill(raw);
  return load_be32(raw);
}

std::uint64_t Random::u64() {
  std::uint8_t raw[8];
  fill(raw);
  return load_be64(raw);
}

std::string Random::ice_chars(std::size_t count) {
  return base64_encode(bytes((count * 3 + 3) / 4 + 2)).substr(0, count);
}

std::string Random::hex(std::size_t byte_count) { return hex_encode(bytes(byte_count)); }

void SystemRandom::fill(MutableByteSpan out) {
  INVARIANT(RAND_bytes(out.data(), static_cast<int>(out.size())) == 1, "the system's random generator works");
}

void SeededRandom::fill(MutableByteSpan out) {
  for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(engine_());
}

}  // namespace common::crypto
