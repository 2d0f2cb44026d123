#include "tests/support/socket_client.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "common/base/invariant.h"

namespace test {

using namespace std::chrono_literals;

TcpClient::TcpClient(common::event::Loop& loop, const common::SocketAddress& server)
    : loop_(loop), fd_(::socket(server.ip.is_v4() ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_storage storage{};
  const socklen_t length = server.to_sockaddr(storage);
  const int status = ::connect(fd_.get(), reinterpret_cast<sockaddr*>(&storage), length);
  INVARIANT(status == 0, "a test's server listens");
}

void TcpClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
    if (sent < 0 && errno != EAGAIN) return;
    if (sent < 0) loop_.run_until([] { return false; }, 1ms);
  }
}

void TcpClient::read_some() {
  std::array<char, 65536> buffer{};
  while (!closed_) {
    const ssize_t got = ::recv(fd_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (got > 0) received_.append(buffer.data(), static_cast<std::size_t>(got));
    if (got == 0 || (got < 0 && errno != EAGAIN)) closed_ = true;
    if (got <= 0) return;
  }
}

bool TcpClient::wait(const std::function<bool(const std::string&)>& done) {
  const auto deadline = common::event::read_clock() + 2s;
  while (true) {
    read_some();
    if (done(received_)) return true;
    if (common::event::read_clock() > deadline) return false;
    loop_.run_until([] { return false; }, 1ms);
  }
}

bool TcpClient::wait_for(std::string_view piece) {
  return wait([&](const std::string& text) { return text.find(piece) != std::string::npos; });
}

bool TcpClient::wait_closed() {
  return wait([&](const std::string&) { return closed_; });
}

std::string TcpClient::take() { return std::exchange(received_, {}); }

common::SocketAddress TcpClient::local() const {
  sockaddr_storage storage{};
  socklen_t length = sizeof(storage);
  auto* address = reinterpret_cast<sockaddr*>(&storage);
  ::getsockname(fd_.get(), address, &length);
  return common::SocketAddress::from_sockaddr(address);
}

}  // namespace test
