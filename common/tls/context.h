#pragma once

#include <memory>
#include <string>

#include "common/base/result.h"

struct ssl_ctx_st;

/// TLS 1.2 and 1.3 over OpenSSL. <openssl/…> is included by the .cc files of this folder only.
namespace common::tls {

struct ServerFiles {
  std::string certificate;    // PEM, own certificate first, then the intermediate ones
  std::string key;            // PEM
  std::string client_ca;      // PEM; not empty: clients are asked for a certificate, and one that is sent must verify
  bool needs_client = false;  // with client_ca: a client without a certificate is turned away
};

struct ClientFiles {
  std::string ca;           // PEM; empty: the system's
  std::string certificate;  // PEM, for servers that ask for one; may be empty
  std::string key;          // PEM
};

/// What new connections are made with: keys, roots, versions. A value; copies share the OpenSSL object, which lives as
/// long as the last connection made with it.
class Context {
 public:
  /// Errors: a text that names file, cause and next step.
  [[nodiscard]] static Result<Context, std::string> server(const ServerFiles& files);
  [[nodiscard]] static Result<Context, std::string> client(const ClientFiles& files);

  /// Takes over what another file of this folder has made.
  explicit Context(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}

  ssl_ctx_st* native() const noexcept { return context_.get(); }

 private:
  std::shared_ptr<ssl_ctx_st> context_;  // shared by every connection made with it, and by its successor on reload
};

}  // namespace common::tls
