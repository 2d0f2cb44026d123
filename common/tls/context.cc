#include "common/tls/context.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <utility>
#include <variant>

#include "common/tls/openssl_error.h"

namespace common::tls {
namespace {

using ContextPtr = std::shared_ptr<SSL_CTX>;

constexpr unsigned char kSessionScope[] = "causeway";
/// Forward secrecy and authenticated encryption only; TLS 1.3 suites are OpenSSL's own choice.
constexpr auto kTls12Ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

Err<std::string> failure(std::string_view doing, const std::string& file, std::string_view remedy) {
  return Err{fmt::format("{} {}: {}; {}", doing, file, take_openssl_error("no usable content"), remedy)};
}

ContextPtr make(const SSL_METHOD* method) {
  ERR_clear_error();
  ContextPtr context{SSL_CTX_new(method), SSL_CTX_free};
  if (!context) return context;
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context.get(), kTls12Ciphers);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

Result<std::monostate, std::string> load_identity(SSL_CTX* context, const std::string& certificate,
                                                  const std::string& key) {
  if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1)
    return failure("certificate", certificate, "give a readable PEM file, own certificate first");
  if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1)
    return failure("private key", key, "give the readable, unencrypted PEM key of " + certificate);
  if (SSL_CTX_check_private_key(context) != 1)
    return failure("private key", key, "give the key that belongs to " + certificate);
  return std::monostate{};
}

Result<std::monostate, std::string> load_roots(SSL_CTX* context, const std::string& file) {
  if (file.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return std::monostate{};
  }
  if (SSL_CTX_load_verify_file(context, file.c_str()) != 1)
    return failure("certificate authorities", file, "give a readable PEM file");
  return std::monostate{};
}

}  // namespace

Result<Context, std::string> Context::server(const ServerFiles& files) {
  ContextPtr context = make(TLS_server_method());
  if (!context) return Err{take_openssl_error("OpenSSL gives no context")};
  if (auto loaded = load_identity(context.get(), files.certificate, files.key); !loaded) return Err{loaded.error()};
  SSL_CTX_set_session_id_context(context.get(), kSessionScope, sizeof(kSessionScope) - 1);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);  // tickets resume; nothing is kept here
  if (files.client_ca.empty()) return Context{std::move(context)};
  if (auto loaded = load_roots(context.get(), files.client_ca); !loaded) return Err{loaded.error()};
  SSL_CTX_set_client_CA_list(context.get(), SSL_load_client_CA_file(files.client_ca.c_str()));
  const int refuse = files.needs_client ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | refuse, nullptr);
  return Context{std::move(context)};
}

Result<Context, std::string> Context::client(const ClientFiles& files) {
  ContextPtr context = make(TLS_client_method());
  if (!context) return Err{take_openssl_error("OpenSSL gives no context")};
  if (auto loaded = load_roots(context.get(), files.ca); !loaded) return Err{loaded.error()};
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  if (files.certificate.empty()) return Context{std::move(context)};
  if (auto loaded = load_identity(context.get(), files.certificate, files.key); !loaded) return Err{loaded.error()};
  return Context{std::move(context)};
}

}  // namespace common::tls
