#include "common/event/sockets.h"

#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>

using namespace common;
using namespace common::event;

namespace {

const SocketAddress kAny{IpAddress::v4({127, 0, 0, 1}), Port{0}};

}  // namespace

TEST_CASE("A datagram comes with its source", "[event]") {
  const Fd here = bind_socket(SOCK_DGRAM, kAny).value();
  const Fd there = bind_socket(SOCK_DGRAM, kAny).value();
  std::array<char, 64> buffer;
  CHECK_FALSE(receive_from(here.get(), buffer));
  REQUIRE(send_to(there.get(), "hello", local_address(here.get())));
  const auto datagram = receive_from(here.get(), buffer);
  REQUIRE(datagram);
  CHECK(datagram->bytes == "hello");
  CHECK(datagram->source == local_address(there.get()));
}

TEST_CASE("An address in use is named with the cause", "[event]") {
  const int type = GENERATE(SOCK_DGRAM, SOCK_STREAM);
  const Fd first = bind_socket(type, kAny).value();
  const SocketAddress taken = local_address(first.get());
  const auto second = bind_socket(type, taken);
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().find(taken.to_string()) != std::string::npos);
  CHECK(second.error().find("in use") != std::string::npos);
}

TEST_CASE("A connected socket hears its peer alone, and that nobody is there", "[event]") {
  Fd peer = bind_socket(SOCK_DGRAM, kAny).value();
  const Fd stranger = bind_socket(SOCK_DGRAM, kAny).value();
  const Fd socket = connect_udp(local_address(peer.get())).value();
  const SocketAddress local = local_address(socket.get());
  REQUIRE(send_to(stranger.get(), "stranger", local));
  REQUIRE(send_to(peer.get(), "peer", local));
  std::array<char, 64> buffer;
  const auto datagram = receive_from(socket.get(), buffer);
  REQUIRE(datagram);
  CHECK(datagram->bytes == "peer");
  CHECK_FALSE(receive_from(socket.get(), buffer));

  peer.reset();
  REQUIRE(::send(socket.get(), "x", 1, 0) == 1);
  CHECK(::recv(socket.get(), buffer.data(), buffer.size(), 0) == -1);
  CHECK(errno == ECONNREFUSED);
}
