#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "relay/dtls/certificate.h"

namespace relay::dtls {

struct FreeContext {
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<SSL_CTX, FreeContext>;

/// OpenSSL's half of a Certificate. Internal to this folder: nothing else includes OpenSSL's headers.
struct Certificate::Contexts {
  ContextPtr active;
  ContextPtr passive;
};

}  // namespace relay::dtls
