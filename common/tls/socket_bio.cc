#include "common/tls/socket_bio.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

#include "common/base/invariant.h"

namespace common::tls {
namespace {

bool try_again() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int fd_of(BIO* bio) { return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio))); }

int write_some(BIO* bio, const char* data, std::size_t size, std::size_t* written) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::send(fd_of(bio), data, size, MSG_NOSIGNAL);
  if (count < 0 && try_again()) BIO_set_retry_write(bio);
  *written = count > 0 ? static_cast<std::size_t>(count) : 0;
  return count > 0 ? 1 : 0;
}

int read_some(BIO* bio, char* data, std::size_t size, std::size_t* got) {
  BIO_clear_retry_flags(bio);
  const ssize_t count = ::recv(fd_of(bio), data, size, 0);
  if (count < 0 && try_again()) BIO_set_retry_read(bio);
  if (count == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  *got = count > 0 ? static_cast<std::size_t>(count) : 0;
  return count > 0 ? 1 : 0;
}

long control(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:
      return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    default:
      return 0;
  }
}

BIO_METHOD* make_method() {
  BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "non-blocking socket");
  INVARIANT(method != nullptr, "OpenSSL takes a BIO method");
  BIO_meth_set_write_ex(method, &write_some);
  BIO_meth_set_read_ex(method, &read_some);
  BIO_meth_set_ctrl(method, &control);
  return method;
}

}  // namespace

BIO* new_socket_bio(int fd) {
  static BIO_METHOD* const method = make_method();  // one for the process, never freed
  BIO* bio = BIO_new(method);
  INVARIANT(bio != nullptr, "OpenSSL gives a BIO");
  // NOLINTNEXTLINE(performance-no-int-to-ptr): never followed, OpenSSL keeps it for us
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));
  BIO_set_init(bio, 1);
  return bio;
}

}  // namespace common::tls
