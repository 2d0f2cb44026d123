#include "proxy/transport/udp_port.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "proxy/transport/sockets.h"
#include "tests/support/udp_end.h"

using namespace proxy::transport;
using namespace std::chrono_literals;

namespace {

const auto kLoopback = *common::SocketAddress::parse("127.0.0.1:0");
constexpr auto kUdp = static_cast<std::size_t>(Kind::Udp);

/// A port that writes down what it is told.
struct Bench {
  explicit Bench(std::string_view bind = "127.0.0.1:0")
      : port(loop, bind_udp(*common::SocketAddress::parse(bind)).value(), ListenerId{3}, batch, stats,
             {[this](const Flow& flow, std::string_view bytes) {
                flows.push_back(flow);
                heard.emplace_back(bytes);
              },
              [this](const common::SocketAddress& remote) { unreachable.push_back(remote); }}) {}

  bool wait(std::size_t count) {
    return loop.run_until([&] { return heard.size() >= count; }, 2s);
  }
  std::optional<SendError> send(const common::SocketAddress& to, std::string_view bytes = "x") {
    return port.send({}, to, bytes);
  }

  common::event::Loop loop;
  Stats stats;
  std::vector<Flow> flows;
  std::vector<std::string> heard;
  std::vector<common::SocketAddress> unreachable;
  UdpBatch batch;
  UdpPort port;
};

}  // namespace

TEST_CASE("a datagram comes with its listener and both of its ends, and is counted", "[transport][udp]") {
  Bench bench;
  const test::UdpEnd peer{bench.loop, kLoopback};
  peer.send("hello", bench.port.local());
  REQUIRE(bench.wait(1));
  CHECK(bench.heard[0] == "hello");
  CHECK(bench.flows[0] == Flow{.kind = Kind::Udp,
                               .listener = ListenerId{3},
                               .connection = {},
                               .local = bench.port.local(),
                               .remote = peer.address()});
  CHECK(bench.stats.received_messages[kUdp] == 1);
  CHECK(bench.stats.received_bytes[kUdp] == 5);
}

TEST_CASE("more datagrams than fit into a batch all come, in order", "[transport][udp]") {
  Bench bench;
  const test::UdpEnd peer{bench.loop, kLoopback};
  const std::size_t count = 5 * UdpBatch::kDatagrams;
  for (std::size_t i = 0; i < count; ++i) peer.send(std::to_string(i), bench.port.local());
  REQUIRE(bench.wait(count));
  for (std::size_t i = 0; i < count; ++i) CHECK(bench.heard[i] == std::to_string(i));
}

TEST_CASE("a socket on every address tells which one a datagram was sent to, and answers from there",
          "[transport][udp]") {
  Bench bench{"0.0.0.0:0"};
  const test::UdpEnd peer{bench.loop, kLoopback};
  peer.send("hello", {common::IpAddress::v4({127, 0, 0, 9}), bench.port.local().port});
  REQUIRE(bench.wait(1));
  CHECK(bench.flows[0].local.ip.to_string() == "127.0.0.9");
  common::SocketAddress source;
  const test::UdpEnd other{bench.loop, kLoopback,
                           [&](std::string_view, const common::SocketAddress& from) { source = from; }};
  CHECK_FALSE(bench.port.send(bench.flows[0].local.ip, other.address(), "answer"));
  CHECK(bench.loop.run_until([&] { return source.port.value != 0; }, 2s));
  CHECK(source == bench.flows[0].local);
}

TEST_CASE("line ends and zeros keep a path open and are no messages", "[transport][udp][rfc5626]") {
  Bench bench;
  const test::UdpEnd peer{bench.loop, kLoopback};
  for (const std::string_view nothing :
       {std::string_view{"\r\n\r\n"}, std::string_view{"\0\0\0\0", 4}, std::string_view{}})
    peer.send(nothing, bench.port.local());
  peer.send("\r\n.", bench.port.local());
  REQUIRE(bench.wait(1));
  CHECK(bench.heard == std::vector<std::string>{"\r\n."});
  CHECK(bench.stats.keepalives == 3);
  CHECK(bench.stats.received_messages[kUdp] == 1);
}

TEST_CASE("what cannot be sent is told at once", "[transport][udp]") {
  Bench bench;
  const test::UdpEnd peer{bench.loop, kLoopback};
  CHECK(bench.send(*common::SocketAddress::parse("[::1]:5060")) == SendError::Unreachable);
  CHECK(bench.send(*common::SocketAddress::parse("127.0.0.1:0")) == SendError::Unreachable);
  CHECK(bench.send(peer.address(), std::string(65'536, 'x')) == SendError::TooLarge);
  CHECK(bench.stats.sent_messages[kUdp] == 0);
  CHECK_FALSE(bench.send(peer.address(), "hello"));
  CHECK(bench.stats.sent_messages[kUdp] == 1);
  CHECK(bench.stats.sent_bytes[kUdp] == 5);
}

TEST_CASE("a dead destination is named, and is no obstacle to the next one", "[transport][udp]") {
  Bench bench;
  const common::SocketAddress dead = [&] { return test::UdpEnd{bench.loop, kLoopback}.address(); }();
  const test::UdpEnd peer{bench.loop, kLoopback};
  CHECK_FALSE(bench.send(dead));
  CHECK_FALSE(bench.send(peer.address(), "alive"));
  CHECK(bench.loop.run_until([&] { return !bench.unreachable.empty() && !peer.heard().empty(); }, 2s));
  CHECK(bench.unreachable == std::vector{dead});
  CHECK(peer.heard() == std::vector<std::string>{"alive"});
}

TEST_CASE("STUN at the SIP port is answered and told to nobody", "[transport][udp][rfc5626]") {
  Bench bench;
  const test::UdpEnd peer{bench.loop, kLoopback};
  const std::string binding{
      "\x00\x01\x00\x00\x21\x12\xA4\x42"
      "transaction.",
      20};
  peer.send(binding, bench.port.local());
  REQUIRE(bench.loop.run_until([&] { return !peer.heard().empty(); }, 2s));
  CHECK(peer.heard()[0].starts_with(std::string{"\x01\x01\x00\x0C", 4}));
  CHECK(bench.heard.empty());
  CHECK(bench.stats.keepalives == 1);
}
