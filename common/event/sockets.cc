#include "common/event/sockets.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace common::event {
namespace {

constexpr int kBacklog = 64;
constexpr int kKeepAliveIdleSeconds = 60;
constexpr int kKeepAliveIntervalSeconds = 15;
constexpr int kReceiveBuffer = 1 << 20;  // a burst of control messages from several peers

Err<std::string> failure(const SocketAddress& address, const char* step) {
  return Err{"cannot " + std::string(step) + ' ' + address.to_string() + ": " +
             std::error_code(errno, std::generic_category()).message()};
}

Fd make_socket(int type, const SocketAddress& address) {
  return Fd(::socket(address.ip.is_v4() ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

void set(int fd, int level, int option, int value) { ::setsockopt(fd, level, option, &value, sizeof value); }

int bind_to(int fd, const SocketAddress& address) {
  sockaddr_storage storage;
  const socklen_t length = address.to_sockaddr(storage);
  return ::bind(fd, reinterpret_cast<const sockaddr*>(&storage), length);
}

}  // namespace

Result<Fd, std::string> bind_socket(int type, const SocketAddress& address) {
  Fd fd = make_socket(type, address);
  if (!fd) return failure(address, "open a socket for");
  if (type == SOCK_STREAM) {
    set(fd.get(), SOL_SOCKET, SO_REUSEADDR, 1);
  } else {
    set(fd.get(), SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);
  }
  if (address.ip.is_v6()) set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1);
  if (bind_to(fd.get(), address) != 0) return failure(address, "bind");
  if (type == SOCK_STREAM && ::listen(fd.get(), kBacklog) != 0) return failure(address, "listen on");
  return fd;
}

Result<Fd, int> connect_udp(const SocketAddress& remote) {
  Fd fd = make_socket(SOCK_DGRAM, remote);
  sockaddr_storage storage;
  const socklen_t length = remote.to_sockaddr(storage);
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&storage), length) != 0) return Err{errno};
  return fd;
}

Result<Fd, int> connect_tcp(const SocketAddress& remote, const IpAddress& source) {
  Fd fd = make_socket(SOCK_STREAM, remote);
  if (!fd) return Err{errno};
  if (!source.is_unspecified() && source.family() == remote.ip.family()) {
    set(fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
    if (bind_to(fd.get(), {source, Port{0}}) != 0) return Err{errno};
  }
  sockaddr_storage storage{};
  const socklen_t length = remote.to_sockaddr(storage);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&storage), length) != 0 && errno != EINPROGRESS)
    return Err{errno};
  return fd;
}

void tune_connection(int fd, Duration user_timeout) {
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

SocketAddress local_address(int fd) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &length) != 0) return {};
  return SocketAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&storage));
}

std::optional<Datagram> receive_from(int fd, std::span<char> buffer) {
  sockaddr_storage source{};
  socklen_t length = sizeof source;
  auto* address = reinterpret_cast<sockaddr*>(&source);
  const ssize_t size = ::recvfrom(fd, buffer.data(), buffer.size(), 0, address, &length);
  if (size < 0) return std::nullopt;
  return Datagram{SocketAddress::from_sockaddr(address), {buffer.data(), static_cast<std::size_t>(size)}};
}

bool send_to(int fd, std::string_view bytes, const SocketAddress& to) {
  sockaddr_storage storage;
  const socklen_t length = to.to_sockaddr(storage);
  return ::sendto(fd, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&storage), length) >= 0;
}

}  // namespace common::event
