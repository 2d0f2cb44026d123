#include "proxy/transport/sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>

namespace proxy::transport {
namespace {

using common::Err;
using common::Fd;
using common::Result;
using common::SocketAddress;

constexpr int kBacklog = 1024;
constexpr int kUdpReceiveBuffer = 4 << 20;

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

}  // namespace proxy::transport
