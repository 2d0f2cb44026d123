#include "proxy/transport/sockets.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>
#include <cerrno>

using namespace proxy::transport;
using namespace std::chrono_literals;

namespace {

const auto kLoopback = *common::SocketAddress::parse("127.0.0.1:0");
const auto kLoopback6 = *common::SocketAddress::parse("[::1]:0");

int option(int fd, int level, int name) {
  int value = -1;
  socklen_t length = sizeof(value);
  REQUIRE(::getsockopt(fd, level, name, &value, &length) == 0);
  return value;
}

bool is_for_a_loop(int fd) {
  return (::fcntl(fd, F_GETFL) & O_NONBLOCK) != 0 && (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}

/// Waits until a connection is decided and gives its error.
int outcome(const common::Fd& fd) {
  pollfd poll{.fd = fd.get(), .events = POLLOUT, .revents = 0};
  REQUIRE(::poll(&poll, 1, 2000) == 1);
  return take_socket_error(fd.get());
}

}  // namespace

TEST_CASE("sockets of both families never block and are not inherited", "[transport]") {
  const auto address = GENERATE(kLoopback, kLoopback6);
  const auto listening = listen_tcp(address);
  REQUIRE(listening);
  CHECK(is_for_a_loop(listening->get()));
  CHECK(local_address(listening->get()).ip == address.ip);
  CHECK(local_address(listening->get()).port.value != 0);
  const auto udp = bind_udp(address);
  REQUIRE(udp);
  CHECK(is_for_a_loop(udp->get()));
  const auto connecting = connect_tcp(local_address(listening->get()), {});
  REQUIRE(connecting);
  CHECK(is_for_a_loop(connecting->get()));
  CHECK(outcome(*connecting) == 0);
}

TEST_CASE("an address in use is told by its number", "[transport]") {
  const auto listening = listen_tcp(kLoopback);
  REQUIRE(listening);
  CHECK(listen_tcp(local_address(listening->get())).error() == EADDRINUSE);
  const auto udp = bind_udp(kLoopback);
  REQUIRE(udp);
  CHECK(bind_udp(local_address(udp->get())).error() == EADDRINUSE);
  CHECK(bind_udp(*common::SocketAddress::parse("192.0.2.1:0")).error() == EADDRNOTAVAIL);
}

TEST_CASE("IPv6 on every address leaves IPv4 to another socket", "[transport]") {
  const auto v6 = listen_tcp(*common::SocketAddress::parse("[::]:0"));
  REQUIRE(v6);
  CHECK(listen_tcp({common::IpAddress{}, local_address(v6->get()).port}));
}

TEST_CASE("a connection begins where it is told to, at a port of the system's choice", "[transport]") {
  const auto listening = listen_tcp(kLoopback);
  REQUIRE(listening);
  const auto fd = connect_tcp(local_address(listening->get()), common::IpAddress::v4({127, 0, 0, 9}));
  REQUIRE(fd);
  REQUIRE(outcome(*fd) == 0);
  CHECK(local_address(fd->get()).ip.to_string() == "127.0.0.9");
  CHECK(local_address(fd->get()).port.value != 0);
  const auto other_family = connect_tcp(local_address(listening->get()), common::IpAddress::parse("::1").value());
  REQUIRE(other_family);
  CHECK(outcome(*other_family) == 0);
}

TEST_CASE("a refused connection is told once it is decided, and once only", "[transport]") {
  const auto dead = [] {
    const auto fd = listen_tcp(kLoopback);
    return local_address(fd->get());
  }();
  const auto fd = connect_tcp(dead, {});
  REQUIRE(fd);
  CHECK(outcome(*fd) == ECONNREFUSED);
  CHECK(take_socket_error(fd->get()) == 0);
}

TEST_CASE("a connection sends at once, probes a silent peer and gives a dead one up", "[transport][rfc5482]") {
  const auto listening = listen_tcp(kLoopback);
  REQUIRE(listening);
  tune_connection(listening->get(), 30s);
  CHECK(option(listening->get(), IPPROTO_TCP, TCP_NODELAY) != 0);
  CHECK(option(listening->get(), SOL_SOCKET, SO_KEEPALIVE) != 0);
  CHECK(option(listening->get(), IPPROTO_TCP, TCP_USER_TIMEOUT) == 30'000);
}
