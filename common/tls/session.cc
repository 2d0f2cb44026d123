#include "common/tls/session.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "common/base/invariant.h"
#include "common/net/address.h"
#include "common/tls/openssl_error.h"
#include "common/tls/peer_identity.h"
#include "common/tls/socket_bio.h"

namespace common::tls {

void Session::Free::operator()(ssl_st* ssl) const noexcept { SSL_free(ssl); }

Session::Session(const Context& context, int fd) : ssl_(SSL_new(context.native())) {
  INVARIANT(ssl_ != nullptr, "OpenSSL gives a session");
  BIO* bio = new_socket_bio(fd);
  SSL_set_bio(ssl_.get(), bio, bio);
}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

Session Session::server(const Context& context, int fd) {
  Session session{context, fd};
  SSL_set_accept_state(session.ssl_.get());
  return session;
}

Session Session::client(const Context& context, int fd, const std::string& name) {
  Session session{context, fd};
  SSL_set_connect_state(session.ssl_.get());
  if (!name.empty() && !IpAddress::parse(name))
    SSL_ctrl(session.ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(name.c_str()));
  return session;
}

/// Maps the outcome of an SSL call; only to be asked right after it.
Step Session::step_of(int result) {
  const int error_number = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_NONE:
      return Step::Done;
    case SSL_ERROR_WANT_READ:
      return Step::WantRead;
    case SSL_ERROR_WANT_WRITE:
      return Step::WantWrite;
    case SSL_ERROR_ZERO_RETURN:
      return Step::Closed;
    case SSL_ERROR_SYSCALL:
      error_ = take_openssl_error(error_number != 0 ? std::strerror(error_number) : "closed by the peer");
      return Step::Closed;
    default:
      break;
  }
  error_ = take_openssl_error("TLS failed");
  if (const long verified = SSL_get_verify_result(ssl_.get()); verified != X509_V_OK) {
    certificate_refused_ = true;
    error_ += std::string{": "} + X509_verify_cert_error_string(verified);
  }
  return Step::Failed;
}

Step Session::handshake() {
  ERR_clear_error();
  errno = 0;
  return step_of(SSL_do_handshake(ssl_.get()));
}

Step Session::read(MutableByteSpan out, std::size_t& count) {
  ERR_clear_error();
  errno = 0;
  count = 0;
  return step_of(SSL_read_ex(ssl_.get(), out.data(), out.size(), &count));
}

Step Session::write(ByteSpan bytes, std::size_t& count) {
  ERR_clear_error();
  errno = 0;
  count = 0;
  return step_of(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count));
}

void Session::shutdown() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_.get()) != 0) (void)SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

bool Session::peer_is(std::string_view domain) const {
  X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  if (certificate == nullptr || SSL_get_verify_result(ssl_.get()) != X509_V_OK) return false;
  return certificate_is_for(certificate, domain);
}

std::string_view Session::version() const { return SSL_get_version(ssl_.get()); }

}  // namespace common::tls
