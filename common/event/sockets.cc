#include "common/event/sockets.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace common::event {
namespace {

constexpr int kBacklog = 64;
constexpr int kReceiveBuffer = 1 << 20;  // a burst of control messages from several peers

Err<std::string> failure(const SocketAddress& address, const char* step) {
  return Err{"cannot " + std::string(step) + ' ' + address.to_string() + ": " +
             std::error_code(errno, std::generic_category()).message()};
}

Fd make_socket(int type, const SocketAddress& address) {
  return Fd(::socket(address.ip.is_v4() ? AF_INET : AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

}  // namespace

Result<Fd, std::string> bind_socket(int type, const SocketAddress& address) {
  Fd fd = make_socket(type, address);
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

Result<Fd, int> connect_udp(const SocketAddress& remote) {
  Fd fd = make_socket(SOCK_DGRAM, remote);
  sockaddr_storage storage;
  const socklen_t length = remote.to_sockaddr(storage);
  if (!fd || ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&storage), length) != 0) return Err{errno};
  return fd;
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
