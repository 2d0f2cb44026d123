#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/base/bytes.h"

namespace relay::srtp {

/// Crypto suites by their SDES names, RFC 4568 §6.2 and RFC 7714 §14.2; DTLS-SRTP offers the same as profiles.
enum class Suite : std::uint8_t { AesCm128HmacSha1_80, AesCm128HmacSha1_32, AeadAes128Gcm, AeadAes256Gcm };

struct SuiteFacts {
  Suite suite;
  std::string_view sdes_name;
  std::string_view dtls_profile;  // as OpenSSL's SSL_CTX_set_tlsext_use_srtp spells it
  std::uint8_t key_length;        // bytes
  std::uint8_t salt_length;       // bytes
  std::uint8_t tag_length;        // bytes a protected RTP packet grows by
};

inline constexpr SuiteFacts kSuites[] = {
    {Suite::AesCm128HmacSha1_80, "AES_CM_128_HMAC_SHA1_80", "SRTP_AES128_CM_SHA1_80", 16, 14, 10},
    {Suite::AesCm128HmacSha1_32, "AES_CM_128_HMAC_SHA1_32", "SRTP_AES128_CM_SHA1_32", 16, 14, 4},
    {Suite::AeadAes128Gcm, "AEAD_AES_128_GCM", "SRTP_AEAD_AES_128_GCM", 16, 12, 16},
    {Suite::AeadAes256Gcm, "AEAD_AES_256_GCM", "SRTP_AEAD_AES_256_GCM", 32, 12, 16},
};

constexpr const SuiteFacts& facts_of(Suite suite) noexcept { return kSuites[static_cast<std::size_t>(suite)]; }

constexpr std::optional<Suite> suite_from_sdes_name(std::string_view name) noexcept {
  for (const SuiteFacts& facts : kSuites) {
    if (facts.sdes_name == name) return facts.suite;
  }
  return std::nullopt;
}

/// Master key followed by master salt, RFC 3711 §8.2.
struct KeyMaterial {
  Suite suite = Suite::AesCm128HmacSha1_80;
  common::Bytes key_and_salt;
  friend bool operator==(const KeyMaterial&, const KeyMaterial&) = default;
};

}  // namespace relay::srtp
