#include "relay/io/socket_io.h"

#include <sys/socket.h>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <thread>

#include "common/event/sockets.h"

using namespace relay;
using namespace relay::io;
using namespace std::chrono_literals;
using common::SocketAddress;

namespace {

/// Loopback addresses of this test's own.
const SocketAddress kAny = *SocketAddress::parse("127.77.21.1:0");
constexpr common::Duration kLong = 5s;  // for what takes microseconds on an idle machine

common::Fd bound(const SocketAddress& address = kAny) {
  auto socket = common::event::bind_socket(SOCK_DGRAM, address);
  REQUIRE(socket.has_value());
  return std::move(*socket);
}

/// Somebody who sends and receives datagrams.
struct Peer {
  common::Fd socket = bound();
  SocketAddress address = common::event::local_address(socket.get());

  void send(std::string_view bytes, const SocketAddress& to) const {
    REQUIRE(common::event::send_to(socket.get(), bytes, to));
  }
  std::optional<std::string> heard() const {
    std::array<char, 4096> buffer;
    const auto datagram = common::event::receive_from(socket.get(), buffer);
    if (!datagram) return std::nullopt;
    return std::string(datagram->bytes);
  }
};

/// A back end with some ports open.
struct Scene {
  struct Opened {
    PortHandle handle;
    SocketAddress address;
  };
  Opened open(const SocketAddress& address = kAny) {
    common::Fd socket = bound(address);
    const SocketAddress local = common::event::local_address(socket.get());
    return {io.open(std::move(socket)), local};
  }
  /// Packets of one call, as `handle:text`.
  std::vector<std::string> receive(std::size_t most = 64, std::optional<common::Duration> timeout = kLong) {
    std::vector<packet::PacketBuffer> batch(most);
    const std::size_t count = io.receive(batch, timeout);
    std::vector<std::string> texts;
    for (std::size_t i = 0; i < count; ++i) {
      texts.push_back(std::to_string(batch[i].port_handle) + ':' + std::string(common::as_text(batch[i].span())));
    }
    return texts;
  }
  void send(PortHandle handle, std::string_view text, const SocketAddress& to) {
    packet::PacketBuffer packet;
    packet.assign(common::as_bytes(text));
    packet.remote = to;
    packet.port_handle = handle;
    io.send(packet);
  }

  SocketIo io;
  Peer peer;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a datagram arrives with its port's handle and its source", "[io]") {
  Scene scene;
  const auto port = scene.open();
  scene.peer.send("hello", port.address);
  std::vector<packet::PacketBuffer> batch(4);
  REQUIRE(scene.io.receive(batch, kLong) == 1);
  CHECK(common::as_text(batch[0].span()) == "hello");
  CHECK(batch[0].remote == scene.peer.address);
  CHECK(batch[0].port_handle == port.handle);
  CHECK(batch[0].headroom() == packet::PacketBuffer::kHeadroom);
  CHECK(scene.io.counters().received == 1);
}

TEST_CASE("what is sent leaves from its port and is taken before send returns", "[io]") {
  Scene scene;
  const auto port = scene.open();
  scene.send(port.handle, "answer", scene.peer.address);
  scene.io.flush();
  CHECK(scene.peer.heard() == "answer");
  CHECK(scene.io.counters().sent == 1);
  CHECK(scene.io.counters().send_failed == 0);
}

TEST_CASE("both address families have ports", "[io]") {
  const SocketAddress loopback6 = *SocketAddress::parse("[::1]:0");
  auto socket = common::event::bind_socket(SOCK_DGRAM, loopback6);
  if (!socket) return;  // a machine without IPv6
  Scene scene;
  const auto one = scene.open(loopback6);
  const auto other = scene.open(loopback6);
  scene.send(one.handle, "six", other.address);
  std::vector<packet::PacketBuffer> batch(1);
  REQUIRE(scene.io.receive(batch, kLong) == 1);
  CHECK(batch[0].port_handle == other.handle);
  CHECK(batch[0].remote == one.address);
}

TEST_CASE("several ports fill one batch, one packet of each at a time", "[io]") {
  Scene scene;
  const auto first = scene.open();
  const auto second = scene.open();
  CHECK(first.handle == 0);
  CHECK(second.handle == 1);
  for (const auto* text : {"a", "b"}) {
    scene.peer.send(text, first.address);
    scene.peer.send(text, second.address);
  }
  Texts batch = scene.receive();
  std::ranges::sort(batch);
  CHECK(batch == Texts{"0:a", "1:a"});
  batch = scene.receive();
  std::ranges::sort(batch);
  CHECK(batch == Texts{"0:b", "1:b"});
}

TEST_CASE("a batch smaller than what waits leaves nobody out for good", "[io]") {
  Scene scene;
  std::vector<Scene::Opened> ports;
  for (int i = 0; i < 10; ++i) ports.push_back(scene.open());
  for (const auto& port : ports) scene.peer.send("x", port.address);
  Texts all;
  for (int i = 0; i < 10; ++i) {
    const Texts batch = scene.receive(3);
    CHECK(batch.size() <= 3);
    all.insert(all.end(), batch.begin(), batch.end());
    if (all.size() == ports.size()) break;
  }
  std::ranges::sort(all);
  CHECK(all == Texts{"0:x", "1:x", "2:x", "3:x", "4:x", "5:x", "6:x", "7:x", "8:x", "9:x"});
}

TEST_CASE("a port hears everybody, also while it talks to one peer", "[io]") {
  Scene scene;
  const auto port = scene.open();
  scene.send(port.handle, "to one", scene.peer.address);
  const Peer stranger;
  scene.peer.send("from one", port.address);
  scene.receive();
  stranger.send("from another", port.address);
  CHECK(scene.receive() == Texts{"0:from another"});
}

TEST_CASE("a datagram longer than a buffer is dropped and counted, the longest that fits is taken", "[io]") {
  Scene scene;
  const auto port = scene.open();
  scene.peer.send(std::string(packet::PacketBuffer::kMaxDatagram + 1, 'x'), port.address);
  CHECK(scene.receive().empty());
  CHECK(scene.io.counters().truncated == 1);
  CHECK(scene.io.counters().received == 0);
  scene.peer.send(std::string(packet::PacketBuffer::kMaxDatagram, 'y'), port.address);
  CHECK(scene.receive().size() == 1);
}

TEST_CASE("an empty datagram is a packet without content", "[io]") {
  Scene scene;
  const auto port = scene.open();
  scene.peer.send("", port.address);
  CHECK(scene.receive() == Texts{"0:"});
}

TEST_CASE("a closed port is deaf, its number is free and its handle is given out again", "[io]") {
  Scene scene;
  const auto first = scene.open();
  const auto second = scene.open();
  scene.peer.send("too late", first.address);
  scene.io.close(first.handle);
  CHECK(scene.receive(64, 0s).empty());
  const auto third = scene.open(first.address);
  CHECK(third.handle == first.handle);
  scene.peer.send("new", third.address);
  CHECK(scene.receive() == Texts{"0:new"});
  scene.peer.send("old", second.address);
  CHECK(scene.receive() == Texts{"1:old"});
  CHECK(scene.open().handle == 2);
}

TEST_CASE("a destination that takes nothing is a failed send and no end of anything", "[io]") {
  Scene scene;
  const auto port = scene.open();
  scene.send(port.handle, "nowhere", {scene.peer.address.ip, common::Port{0}});
  scene.send(port.handle, "another family", *SocketAddress::parse("[::1]:9"));
  CHECK(scene.io.counters().send_failed == 2);
  CHECK(scene.io.counters().sent == 0);
  scene.send(port.handle, "somewhere", scene.peer.address);
  CHECK(scene.peer.heard() == "somewhere");
}

TEST_CASE("a peer whose port is closed is no error of ours", "[io]") {
  Scene scene;
  const auto port = scene.open();
  SocketAddress gone;
  {
    const Peer peer;
    gone = peer.address;
  }
  for (int i = 0; i < 3; ++i) scene.send(port.handle, "anybody there?", gone);
  CHECK(scene.receive(64, 0s).empty());
  scene.peer.send("here", port.address);
  CHECK(scene.receive() == Texts{"0:here"});
}

TEST_CASE("a receive without traffic ends when its time is over", "[io]") {
  Scene scene;
  scene.open();
  const auto begin = std::chrono::steady_clock::now();
  CHECK(scene.receive(64, 20ms).empty());
  const auto waited = std::chrono::steady_clock::now() - begin;
  CHECK(waited >= 20ms);
  CHECK(waited < kLong);
  CHECK(scene.receive(64, -1s).empty());  // a timer that is overdue
  CHECK(scene.io.counters().wakeups == 2);
}

TEST_CASE("a wake ends the receive that waits, or the next one, once however often it is called", "[io]") {
  Scene scene;
  scene.io.wake();
  scene.io.wake();
  CHECK(scene.receive(64, std::nullopt).empty());
  const auto begin = std::chrono::steady_clock::now();
  CHECK(scene.receive(64, 20ms).empty());
  CHECK(std::chrono::steady_clock::now() - begin >= 20ms);
  std::jthread other([&] {
    std::this_thread::sleep_for(20ms);
    scene.io.wake();
  });
  CHECK(scene.receive(64, std::nullopt).empty());
}

TEST_CASE("a wake together with traffic takes no packet's place", "[io]") {
  Scene scene;
  const auto port = scene.open();
  scene.peer.send("x", port.address);
  scene.io.wake();
  Texts all = scene.receive(1);
  if (all.empty()) all = scene.receive(1);
  CHECK(all == Texts{"0:x"});
}
