#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "common/base/bytes.h"

namespace common::crypto {

/// Where a core gets its randomness from: the system's generator in production, a seeded one in tests.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(MutableByteSpan out) = 0;

  Bytes bytes(std::size_t count);
  std::uint32_t u32();
  std::uint64_t u64();
  /// `count` characters of [A-Za-z0-9+/] (ice-char, RFC 8839 §5.4), six bits each.
  std::string ice_chars(std::size_t count);
  /// `byte_count` random bytes as hexadecimal: tags, cookies, ids.
  std::string hex(std::size_t byte_count);
};

/// OpenSSL's generator.
class SystemRandom final : public Random {
 public:
  void fill(MutableByteSpan out) override;
};

/// Repeatable and worthless as a secret: tests only.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(MutableByteSpan out) override;

 private:
  std::mt19937_64 engine_;
};

}  // namespace common::crypto
