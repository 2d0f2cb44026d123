#include "relay/srtp/srtp_library.h"

#include <srtp2/srtp.h>

#include "common/base/invariant.h"
#include "relay/srtp/openssl_gcm.h"
#include "relay/srtp/openssl_hmac.h"
#include "relay/srtp/openssl_icm.h"

namespace relay::srtp {
namespace {

bool start() {
  INVARIANT(srtp_init() == srtp_err_status_ok, "libsrtp starts");
  INVARIANT(srtp_replace_cipher_type(&kOpensslIcm128, SRTP_AES_ICM_128) == srtp_err_status_ok, "AES-128-ICM is right");
  INVARIANT(srtp_replace_cipher_type(&kOpensslIcm256, SRTP_AES_ICM_256) == srtp_err_status_ok, "AES-256-ICM is right");
  INVARIANT(srtp_replace_cipher_type(&kOpensslGcm128, SRTP_AES_GCM_128) == srtp_err_status_ok, "AES-128-GCM is right");
  INVARIANT(srtp_replace_cipher_type(&kOpensslGcm256, SRTP_AES_GCM_256) == srtp_err_status_ok, "AES-256-GCM is right");
  INVARIANT(srtp_replace_auth_type(&kOpensslHmacSha1, SRTP_HMAC_SHA1) == srtp_err_status_ok, "HMAC-SHA1 is right");
  return true;
}

}  // namespace

void start_srtp_library() { [[maybe_unused]] static const bool started = start(); }

}  // namespace relay::srtp
