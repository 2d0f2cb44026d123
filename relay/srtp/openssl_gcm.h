#pragma once

#include <srtp2/cipher.h>

namespace relay::srtp {

/// AES-GCM as RFC 7714 uses it, on OpenSSL; a cipher type for libsrtp's kernel, with self-tests.
/// Order of calls: set_iv, set_aad (any number), encrypt and get_tag, or decrypt of text and tag.
extern const srtp_cipher_type_t kOpensslGcm128;
extern const srtp_cipher_type_t kOpensslGcm256;

}  // namespace relay::srtp
