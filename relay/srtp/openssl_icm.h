#pragma once

#include <srtp2/cipher.h>

namespace relay::srtp {

/// AES in integer counter mode, RFC 3711 §4.1.1 and RFC 6188, on OpenSSL; a cipher type for libsrtp's kernel, with
/// self-tests.
extern const srtp_cipher_type_t kOpensslIcm128;
extern const srtp_cipher_type_t kOpensslIcm256;

}  // namespace relay::srtp
