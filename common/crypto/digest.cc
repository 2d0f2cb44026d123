#include "common/crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "common/base/invariant.h"

namespace common::crypto {
namespace {

template <class Digest>
Digest digest(const EVP_MD* kind, ByteSpan data) {
  Digest out;
  unsigned size = 0;
  INVARIANT(EVP_Digest(data.data(), data.size(), out.data(), &size, kind, nullptr) == 1 && size == out.size(),
            "the digest is compiled into OpenSSL");
  return out;
}

template <class Digest>
Digest hmac(const EVP_MD* kind, ByteSpan key, ByteSpan data) {
  Digest out;
  unsigned size = 0;
  const std::uint8_t none = 0;
  INVARIANT(HMAC(kind, key.empty() ? &none : key.data(), static_cast<int>(key.size()), data.data(), data.size(),
                 out.data(), &size) != nullptr &&
                size == out.size(),
            "HMAC is compiled into OpenSSL");
  return out;
}

}  // namespace

Md5Digest md5(ByteSpan data) { return digest<Md5Digest>(EVP_md5(), data); }
Sha1Digest sha1(ByteSpan data) { return digest<Sha1Digest>(EVP_sha1(), data); }
Sha256Digest sha256(ByteSpan data) { return digest<Sha256Digest>(EVP_sha256(), data); }
Sha1Digest hmac_sha1(ByteSpan key, ByteSpan data) { return hmac<Sha1Digest>(EVP_sha1(), key, data); }
Sha256Digest hmac_sha256(ByteSpan key, ByteSpan data) { return hmac<Sha256Digest>(EVP_sha256(), key, data); }

Bytes derive_key(ByteSpan secret, std::string_view purpose) {
  const auto key = hmac_sha256(secret, as_bytes(purpose));
  return {key.begin(), key.end()};
}

bool constant_time_equal(ByteSpan a, ByteSpan b) noexcept {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace common::crypto
