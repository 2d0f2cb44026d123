#include "common/tls/openssl_error.h"

#include <openssl/err.h>

namespace common::tls {

std::string take_openssl_error(const std::string& otherwise) {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  if (code == 0) return otherwise;
  if (const char* reason = ERR_reason_error_string(code)) return reason;
  return otherwise + " (OpenSSL code " + std::to_string(code) + ")";
}

}  // namespace common::tls
