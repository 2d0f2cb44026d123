#include "relay/control/port_allocator.h"

#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>

#include <set>

#include "common/event/sockets.h"
#include "common/time/manual_clock.h"

using namespace relay;
using namespace relay::control;
using namespace std::chrono_literals;
using common::IpAddress;
using common::SocketAddress;
using negotiation::PortError;

namespace {

using Pair = std::shared_ptr<negotiation::PortPair>;

/// Ports from 43000 on loopback addresses of this test's own.
struct Scene {
  explicit Scene(std::uint16_t first = 43000, std::uint16_t last = 43007, std::size_t shards = 1,
                 std::vector<Interface> interfaces = {*Interface::parse("127.77.22.1")})
      : ports({.interfaces = std::move(interfaces), .first = {first}, .last = {last}, .shards = shards},
              [this] { return clock.now(); }) {}

  Pair take(std::size_t shard = 0, std::string_view interface = "") {
    auto pair = ports.allocate(shard, interface, std::nullopt);
    return pair ? *pair : nullptr;
  }
  std::vector<Pair> take_all(std::size_t shard = 0) {
    std::vector<Pair> all;
    while (Pair pair = take(shard)) all.push_back(std::move(pair));
    return all;
  }

  common::ManualClock clock;
  PortAllocator ports;
};

std::vector<int> numbers_of(const std::vector<Pair>& pairs) {
  std::vector<int> numbers;
  for (const Pair& pair : pairs) numbers.push_back(pair->bound_rtp().port.value);
  return numbers;
}

int option_of(const common::Fd& socket, int level, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  REQUIRE(::getsockopt(socket.get(), level, name, &value, &size) == 0);
  return value;
}

}  // namespace

TEST_CASE("an interface is an address, perhaps with a name before it and what SDP says instead behind it", "[ports]") {
  const auto plain = Interface::parse("192.0.2.1");
  REQUIRE(plain);
  CHECK(plain->name.empty());
  CHECK(plain->bind == *IpAddress::parse("192.0.2.1"));
  CHECK(plain->advertised == plain->bind);
  const auto whole = Interface::parse("outside/10.0.0.5!203.0.113.5");
  REQUIRE(whole);
  CHECK(whole->name == "outside");
  CHECK(whole->bind == *IpAddress::parse("10.0.0.5"));
  CHECK(whole->advertised == *IpAddress::parse("203.0.113.5"));
  CHECK(Interface::parse("inside/2001:db8::1")->bind == *IpAddress::parse("2001:db8::1"));
}

TEST_CASE("what is no address, or two of different families, is no interface", "[ports]") {
  for (const auto* text : {"", "eth0", "name/", "name/eth0", "192.0.2.1!", "192.0.2.1!name", "!192.0.2.1",
                           "192.0.2.1!2001:db8::1", "192.0.2.1:5000"}) {
    CAPTURE(text);
    CHECK_FALSE(Interface::parse(text));
  }
}

TEST_CASE("a pair is two bound sockets next to each other, RTP on the even port", "[ports][rfc3550]") {
  Scene scene(43001, 43004);  // one whole pair: 43002 and 43003
  const Pair pair = scene.take();
  REQUIRE(pair);
  CHECK(pair->bound_rtp() == *SocketAddress::parse("127.77.22.1:43002"));
  CHECK(pair->bound_rtcp() == *SocketAddress::parse("127.77.22.1:43003"));
  const common::Fd rtp = pair->take_rtp_socket();
  const common::Fd rtcp = pair->take_rtcp_socket();
  CHECK(common::event::local_address(rtp.get()) == pair->bound_rtp());
  CHECK(common::event::local_address(rtcp.get()) == pair->bound_rtcp());
  CHECK_FALSE(pair->take_rtp_socket());
  CHECK_FALSE(scene.take());
}

TEST_CASE("media leaves marked as expedited forwarding", "[ports][rfc3246]") {
  Scene scene;
  const Pair pair = scene.take();
  REQUIRE(pair);
  CHECK(option_of(pair->take_rtp_socket(), IPPROTO_IP, IP_TOS) == 46 << 2);
  CHECK(option_of(pair->take_rtcp_socket(), IPPROTO_IP, IP_TOS) == 46 << 2);
}

TEST_CASE("SDP is told the advertised address and the same ports", "[ports]") {
  Scene scene(43000, 43007, 1, {*Interface::parse("127.77.22.1!203.0.113.5")});
  const Pair pair = scene.take();
  REQUIRE(pair);
  CHECK(pair->advertised_rtp() == *SocketAddress::parse("203.0.113.5:43000"));
  CHECK(pair->advertised_rtcp() == *SocketAddress::parse("203.0.113.5:43001"));
}

TEST_CASE("a range gives all its pairs, each once, and then says that it is exhausted", "[ports]") {
  Scene scene;
  const auto all = scene.take_all();
  CHECK(numbers_of(all) == std::vector<int>{43000, 43002, 43004, 43006});
  CHECK(scene.ports.pairs_in_use() == 4);
  CHECK(scene.ports.allocate(0, "", std::nullopt).error() == PortError::Exhausted);
}

TEST_CASE("a pair that comes back rests three seconds, and the longest rested is next", "[ports]") {
  Scene scene;
  auto all = scene.take_all();
  all[2].reset();
  scene.clock.advance(1s);
  all[0].reset();
  CHECK(scene.ports.pairs_in_use() == 2);
  scene.clock.advance(1999ms);
  CHECK_FALSE(scene.take());
  scene.clock.advance(1ms);
  const Pair again = scene.take();
  REQUIRE(again);
  CHECK(again->bound_rtp().port.value == 43004);
  CHECK_FALSE(scene.take());
  scene.clock.advance(1s);
  CHECK(scene.take()->bound_rtp().port.value == 43000);
}

TEST_CASE("shards have slices of their own, which make up the whole range", "[ports]") {
  Scene scene(43000, 43013, 3);
  const auto first = scene.take_all(0);
  const auto second = scene.take_all(1);
  const auto third = scene.take_all(2);
  CHECK(numbers_of(first) == std::vector<int>{43000, 43002, 43004});
  CHECK(numbers_of(second) == std::vector<int>{43006, 43008, 43010});
  CHECK(numbers_of(third) == std::vector<int>{43012});
}

TEST_CASE("a port that somebody else holds is passed over and tried again later", "[ports]") {
  Scene scene;
  auto stranger = common::event::bind_socket(SOCK_DGRAM, *SocketAddress::parse("127.77.22.1:43001"));
  REQUIRE(stranger.has_value());
  CHECK(numbers_of(scene.take_all()) == std::vector<int>{43002, 43004, 43006});
  CHECK(scene.ports.pairs_in_use() == 0);
  stranger->reset();
  CHECK_FALSE(scene.take());  // the pairs rest, and so does the one that was not free
  scene.clock.advance(3s);
  CHECK(scene.take_all().size() == 4);
}

TEST_CASE("an interface is chosen by name, or is the first of the family", "[ports]") {
  Scene scene(
      43000, 43007, 1,
      {*Interface::parse("127.77.22.1"), *Interface::parse("outside/127.77.22.2"), *Interface::parse("outside/::1")});
  CHECK(scene.take(0, "")->bound_rtp().ip.to_string() == "127.77.22.1");
  CHECK(scene.take(0, "outside")->bound_rtp().ip.to_string() == "127.77.22.2");
  const auto allocate = [&](std::string_view interface, IpAddress::Family family) {
    return scene.ports.allocate(0, interface, family);
  };
  CHECK(allocate("outside", IpAddress::Family::V4).value()->bound_rtp().ip.to_string() == "127.77.22.2");
  CHECK(allocate("nobody's", IpAddress::Family::V4).error() == PortError::NoSuchInterface);
  const auto six = allocate("", IpAddress::Family::V6);
  if (six) CHECK((*six)->bound_rtp().ip.to_string() == "::1");  // a machine may have no IPv6
  if (!six) CHECK(six.error() == PortError::Exhausted);
  CHECK(scene.ports.has_interface("outside"));
  CHECK_FALSE(scene.ports.has_interface("nobody's"));
}

TEST_CASE("an interface without an address of the family that is asked for is none", "[ports]") {
  Scene scene;
  CHECK(scene.ports.allocate(0, "", IpAddress::Family::V6).error() == PortError::NoSuchInterface);
}

TEST_CASE("interfaces have the whole range each", "[ports]") {
  Scene scene(43000, 43003, 2, {*Interface::parse("127.77.22.1"), *Interface::parse("other/127.77.22.2")});
  for (const std::size_t shard : {0, 1}) {
    const Pair one = scene.take(shard);
    const Pair other = scene.take(shard, "other");
    REQUIRE(one);
    REQUIRE(other);
    CHECK(one->bound_rtp().port.value == 43000 + 2 * shard);
    CHECK(one->bound_rtp().port == other->bound_rtp().port);
  }
}

TEST_CASE("a pair may outlive its allocator", "[ports]") {
  const common::ManualClock clock;
  Pair pair;
  {
    PortAllocator ports({.interfaces = {*Interface::parse("127.77.22.1")}, .first = {43000}, .last = {43001}},
                        [&] { return clock.now(); });
    pair = ports.allocate(0, "", std::nullopt).value();
  }
  CHECK(common::event::local_address(pair->take_rtp_socket().get()) == pair->bound_rtp());
  pair.reset();
}
