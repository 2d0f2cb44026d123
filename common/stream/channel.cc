#include "common/stream/channel.h"

#include <sys/socket.h>

#include <cerrno>

namespace common::stream {
namespace {

bool try_again() noexcept { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

using Step = Channel::Step;

Step receive(int fd, MutableByteSpan out, std::size_t& count) noexcept {
  count = 0;
  const ssize_t got = ::recv(fd, out.data(), out.size(), 0);
  if (got < 0) return try_again() ? Step::WantRead : Step::Closed;
  count = static_cast<std::size_t>(got);
  return got == 0 ? Step::Closed : Step::Done;
}

Step transmit(int fd, ByteSpan bytes, std::size_t& count) noexcept {
  count = 0;
  const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent < 0) return try_again() ? Step::WantWrite : Step::Closed;
  count = static_cast<std::size_t>(sent);
  return Step::Done;
}

}  // namespace

void Channel::connect_tls(const tls::Context& context, std::string name) {
  peer_name_ = std::move(name);
  tls_.emplace(tls::Session::client(context, fd_.get(), peer_name_));
}

Channel::Step Channel::handshake() {
  if (!tls_) return Step::Done;
  const Step step = tls_->handshake();
  read_wants_write_ = step == Step::WantWrite;
  if (step == Step::Done && !peer_name_.empty() && !tls_->peer_is(peer_name_)) {
    certificate_problem_ = "valid for other names only";
    return Step::Failed;
  }
  if (tls_->certificate_refused()) certificate_problem_ = tls_->last_error();
  return step;
}

Channel::Step Channel::read(MutableByteSpan out, std::size_t& count) {
  const Step step = tls_ ? tls_->read(out, count) : receive(fd_.get(), out, count);
  read_wants_write_ = step == Step::WantWrite;
  return step;
}

Channel::Step Channel::write(ByteSpan bytes, std::size_t& count) {
  const Step step = tls_ ? tls_->write(bytes, count) : transmit(fd_.get(), bytes, count);
  write_wants_read_ = step == Step::WantRead;
  return step;
}

void Channel::finish_writing() {
  if (tls_) tls_->shutdown();
  ::shutdown(fd_.get(), SHUT_WR);
}

}  // namespace common::stream
