#include "proxy/transport/channel.h"

#include <sys/socket.h>

#include <cerrno>

namespace proxy::transport {
namespace {

bool try_again() noexcept { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

Channel::Step Channel::read(common::MutableByteSpan out, std::size_t& count) {
  if (tls_) return tls_->read(out, count);
  count = 0;
  const ssize_t got = ::recv(fd_.get(), out.data(), out.size(), 0);
  if (got < 0) return try_again() ? Step::WantRead : Step::Closed;
  count = static_cast<std::size_t>(got);
  return got == 0 ? Step::Closed : Step::Done;
}

Channel::Step Channel::write(common::ByteSpan bytes, std::size_t& count) {
  if (tls_) return tls_->write(bytes, count);
  count = 0;
  const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent < 0) return try_again() ? Step::WantWrite : Step::Closed;
  count = static_cast<std::size_t>(sent);
  return Step::Done;
}

void Channel::finish_writing() {
  if (tls_) tls_->shutdown();
  ::shutdown(fd_.get(), SHUT_WR);
}

}  // namespace proxy::transport
