#include "relay/control/ng_sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace relay::control {
namespace {

constexpr int kBacklog = 64;
constexpr int kReceiveBuffer = 1 << 20;  // a burst of requests from several proxies

std::unexpected<std::string> failure(const common::SocketAddress& address, const char* step) {
  return common::Err{"cannot " + std::string(step) + ' ' + address.to_string() + ": " +
                     std::error_code(errno, std::generic_category()).message()};
}

}  // namespace

common::Result<common::Fd, std::string> open_ng_socket(int type, const common::SocketAddress& address) {
  common::Fd fd(::socket(address.ip.is_v4() ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return failure(address, "open a socket for");
  const int one = 1;
  if (type == SOCK_STREAM) {
    ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  } else {
    ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBuffer, sizeof kReceiveBuffer);
  }
  if (address.ip.is_v6()) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof one);
  sockaddr_storage storage;
  const socklen_t length = address.to_sockaddr(storage);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&storage), length) != 0) return failure(address, "bind");
  if (type == SOCK_STREAM && ::listen(fd.get(), kBacklog) != 0) return failure(address, "listen on");
  return fd;
}

common::SocketAddress local_address(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length);
  return common::SocketAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&storage));
}

}  // namespace relay::control
