#include "proxy/transport/sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace proxy::transport {
namespace {

using common::Err;
using common::Fd;
using common::Result;
using common::SocketAddress;

constexpr int kBacklog = 1024;
constexpr int kUdpReceiveBuffer = 4 << 20;
constexpr int kKeepAliveIdleSeconds = 60;
constexpr int kKeepAliveIntervalSeconds = 15;

void set(int fd, int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof(value)); }

Fd make_socket(const SocketAddress& address, int type) {
  Fd fd{::socket(address.ip.is_v4() ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (fd && address.ip.is_v6()) set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  return fd;
}

int bind_to(int fd, const SocketAddress& address) {
  sockaddr_storage storage{};
  const socklen_t length = address.to_sockaddr(storage);
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&storage), length);
}

}  // namespace

Result<Fd, int> listen_tcp(const SocketAddress& bind) {
  Fd fd = make_socket(bind, SOCK_STREAM);
  if (!fd) return Err{errno};
  set(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  if (bind_to(fd.get(), bind) != 0 || ::listen(fd.get(), kBacklog) != 0) return Err{errno};
  return fd;
}

Result<Fd, int> bind_udp(const SocketAddress& bind) {
  Fd fd = make_socket(bind, SOCK_DGRAM);
  if (!fd) return Err{errno};
  if (bind_to(fd.get(), bind) != 0) return Err{errno};
  set(fd.get(), SOL_SOCKET, SO_RCVBUF, kUdpReceiveBuffer);
  if (bind.ip.is_v4()) {
    set(fd.get(), IPPROTO_IP, IP_RECVERR, 1);
    set(fd.get(), IPPROTO_IP, IP_PKTINFO, 1);
    set(fd.get(), IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
  } else {
    set(fd.get(), IPPROTO_IPV6, IPV6_RECVERR, 1);
    set(fd.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    set(fd.get(), IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT);
  }
  return fd;
}

Result<Fd, int> connect_tcp(const SocketAddress& remote, const common::IpAddress& source) {
  Fd fd = make_socket(remote, SOCK_STREAM);
  if (!fd) return Err{errno};
  if (!source.is_unspecified() && source.family() == remote.ip.family()) {
    set(fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    if (bind_to(fd.get(), {source, common::Port{0}}) != 0) return Err{errno};
  }
  sockaddr_storage storage{};
  const socklen_t length = remote.to_sockaddr(storage);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&storage), length) != 0 && errno != EINPROGRESS)
    return Err{errno};
  return fd;
}

void tune_connection(int fd, common::Duration user_timeout) {
  set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(fd, IPPROTO_TCP, TCP_KEEPIDLE, kKeepAliveIdleSeconds);
  set(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepAliveIntervalSeconds);
  set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT,
      static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(user_timeout).count()));
}

int take_socket_error(int fd) {
  int error = 0;
  socklen_t length = sizeof(error);
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) != 0) return errno;
  return error;
}

}  // namespace proxy::transport
