#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>

namespace relay::srtp {

struct FreeCipherContext {
  void operator()(EVP_CIPHER_CTX* context) const noexcept { EVP_CIPHER_CTX_free(context); }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, FreeCipherContext>;

/// Fetched once and kept for the life of the process: a fetch takes locks and walks the providers.
const EVP_CIPHER* fetched_cipher(const char* name) noexcept;

}  // namespace relay::srtp
