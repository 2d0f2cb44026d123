#include "proxy/transport/acceptor.h"

#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace proxy::transport {
namespace {

constexpr int kAcceptsPerTurn = 64;
constexpr common::Duration kRest = std::chrono::milliseconds{200};

bool is_exhausted(int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

Acceptor::Acceptor(common::event::Loop& loop, common::Fd fd, Stats& stats, OnAccept on_accept)
    : loop_(loop),
      fd_(std::move(fd)),
      stats_(stats),
      on_accept_(std::move(on_accept)),
      watch_(loop, fd_.get(), [this](common::event::Ready) { accept_some(); }),
      rest_(loop, [this](common::Instant) { watch_.want(true, false); }) {
  watch_.want(true, false);
}

void Acceptor::accept_some() {
  for (int i = 0; i < kAcceptsPerTurn; ++i) {
    sockaddr_storage storage{};
    socklen_t length = sizeof(storage);
    auto* address = reinterpret_cast<sockaddr*>(&storage);
    common::Fd fd{::accept4(fd_.get(), address, &length, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (fd) {
      on_accept_(std::move(fd), common::SocketAddress::from_sockaddr(address));
      continue;
    }
    if (is_exhausted(errno)) {
      ++stats_.refused[static_cast<std::size_t>(Refusal::OutOfDescriptors)];
      watch_.want(false, false);
      rest_.schedule(loop_.now() + kRest);
      return;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;  // other errors are of one connection, accept(2)
  }
}

}  // namespace proxy::transport
