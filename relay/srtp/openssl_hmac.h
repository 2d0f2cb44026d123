#pragma once

#include <srtp2/auth.h>

namespace relay::srtp {

/// HMAC-SHA1, RFC 2104, on OpenSSL; an authentication type for libsrtp's kernel, with self-tests.
extern const srtp_auth_type_t kOpensslHmacSha1;

}  // namespace relay::srtp
