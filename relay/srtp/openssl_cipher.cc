#include "relay/srtp/openssl_cipher.h"

#include <array>
#include <cstring>

namespace relay::srtp {
namespace {

struct Named {
  const char* name;
  const EVP_CIPHER* cipher;
};

Named fetch(const char* name) noexcept { return {name, EVP_CIPHER_fetch(nullptr, name, nullptr)}; }

}  // namespace

const EVP_CIPHER* fetched_cipher(const char* name) noexcept {
  static const std::array kFetched{fetch("AES-128-ECB"), fetch("AES-256-ECB"), fetch("AES-128-GCM"),
                                   fetch("AES-256-GCM")};
  for (const Named& entry : kFetched) {
    if (std::strcmp(entry.name, name) == 0) return entry.cipher;
  }
  return nullptr;
}

}  // namespace relay::srtp
