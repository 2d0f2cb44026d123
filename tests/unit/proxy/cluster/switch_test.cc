#include "proxy/cluster/switch.h"

#include <catch2/catch.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "common/event/sockets.h"
#include "common/tls/shared_key.h"

using namespace proxy::cluster;
using namespace std::chrono_literals;
using proxy::transport::ConnectionId;
using proxy::transport::Destination;
using proxy::transport::Flow;
using proxy::transport::Kind;
using proxy::transport::ListenerId;
using proxy::transport::ProcessId;
using proxy::transport::SendError;

namespace {

constexpr auto kPatience = 8s;

common::SocketAddress address(std::string_view text) { return *common::SocketAddress::parse(text); }

common::SocketAddress free_address() {
  const auto fd = common::event::bind_socket(SOCK_STREAM, address("127.0.0.1:0"));
  return common::event::local_address(fd->get());
}

/// The own sockets of a node: what was to be sent over them.
struct Sockets final : proxy::transport::Sender {
  struct Sent {
    Flow flow;
    Destination destination;
    std::string bytes;
    std::uint64_t key = 0;
  };
  void send(const Flow& flow, std::string bytes, std::uint64_t key) override { sent.push_back({flow, {}, bytes, key}); }
  void send_to(const Destination& to, std::string bytes, std::uint64_t key) override {
    sent.push_back({{}, to, bytes, key});
  }
  bool is_open(const Flow&) const override { return true; }
  bool peer_is(ConnectionId, std::string_view) const override { return false; }
  void close(ConnectionId) override {}
  std::vector<Sent> sent;
};

struct Node {
  Node(common::event::Loop& loop, std::uint32_t process, ListenerId own, const common::SocketAddress& at,
       const common::SocketAddress& peer)
      : held{own},
        egress(loop, sockets, [this](ListenerId listener) { return held.contains(listener); },
               {.on_send_failed = [this](std::uint64_t key, SendError) { failed.push_back(key); },
                .on_message = [this](const Flow& flow,
                                     std::string_view bytes) { received.emplace_back(flow, std::string{bytes}); }}),
        links(*Links::open(
            loop,
            {.listen = at,
             .peers = {peer},
             .name = {},
             .self = {process},
             .client = common::tls::shared_key_client(common::Bytes(32, 1)),
             .server = common::tls::shared_key_server({common::Bytes(32, 1)})},
            {.on_message = [this](ProcessId from, LinkMessage message) { egress.on_message(from, std::move(message)); },
             .on_up = [](ProcessId) {},
             .on_down = [](ProcessId) {},
             .held = [this] { return std::vector<ListenerId>{held.begin(), held.end()}; }})) {
    egress.use(*links);
  }

  std::set<ListenerId> held;
  Sockets sockets;
  std::vector<std::uint64_t> failed;
  std::vector<std::pair<Flow, std::string>> received;
  Switch egress;
  std::unique_ptr<Links> links;
};

/// Node a is process 1 and holds listener 0, b is process 2 and holds listener 1.
struct Pair {
  Pair() {
    REQUIRE(
        until([&] { return a->links->holder_of({1}) == ProcessId{2} && b->links->holder_of({0}) == ProcessId{1}; }));
  }
  bool until(const std::function<bool()>& done) { return loop.run_until(done, kPatience); }

  common::event::Loop loop;
  common::SocketAddress at_a = free_address();
  common::SocketAddress at_b = free_address();
  std::unique_ptr<Node> a = std::make_unique<Node>(loop, 1, ListenerId{0}, at_a, at_b);
  std::unique_ptr<Node> b = std::make_unique<Node>(loop, 2, ListenerId{1}, at_b, at_a);
};

Destination trunk(ListenerId listener, Kind kind = Kind::Udp) {
  return {kind, address("192.0.2.9:5060"), listener, ""};
}
Flow browser(ProcessId process) {
  return {Kind::Wss, {2}, {77}, address("192.0.2.1:443"), address("192.0.2.8:50000"), process};
}

}  // namespace

TEST_CASE("what leaves from an own address leaves here", "[cluster]") {
  Pair pair;
  pair.a->egress.send_to(trunk({0}), "INVITE", 5);
  REQUIRE(pair.a->sockets.sent.size() == 1);
  CHECK(pair.a->sockets.sent[0].key == 5);
  CHECK(pair.a->egress.counters().sent == 0);
}

TEST_CASE("what leaves from the other node's address is sent there, over datagrams and connections", "[cluster]") {
  Pair pair;
  const Kind kind = GENERATE(Kind::Udp, Kind::Tcp, Kind::Tls);
  pair.a->egress.send_to(trunk({1}, kind), "INVITE", 5);
  REQUIRE(pair.until([&] { return !pair.b->sockets.sent.empty(); }));
  CHECK(pair.b->sockets.sent[0].destination == trunk({1}, kind));
  CHECK(pair.b->sockets.sent[0].bytes == "INVITE");
  CHECK(pair.a->sockets.sent.empty());
}

TEST_CASE("a browser of the other node is reached over the other node", "[cluster]") {
  Pair pair;
  CHECK(pair.a->egress.is_open(browser({2})));
  pair.a->egress.send(browser({2}), "INVITE", 5);
  REQUIRE(pair.until([&] { return !pair.b->sockets.sent.empty(); }));
  CHECK(pair.b->sockets.sent[0].flow == browser({}));
}

TEST_CASE("the failure of what another node sent for us finds home", "[cluster]") {
  Pair pair;
  pair.a->egress.send(browser({2}), "INVITE", 5);
  REQUIRE(pair.until([&] { return !pair.b->sockets.sent.empty(); }));
  const std::uint64_t key = pair.b->sockets.sent[0].key;
  CHECK(key != 5);
  CHECK_FALSE(pair.b->egress.on_own_send_failed(5, SendError::Unreachable));  // a transaction of its own
  CHECK(pair.b->egress.on_own_send_failed(key, SendError::ConnectionGone));
  REQUIRE(pair.until([&] { return !pair.a->failed.empty(); }));
  CHECK(pair.a->failed == std::vector<std::uint64_t>{5});
  CHECK(pair.b->failed.empty());
}

TEST_CASE("a browser of a node that is gone is gone, and the sender is told later", "[cluster]") {
  Pair pair;
  pair.b.reset();
  REQUIRE(pair.until([&] { return !pair.a->links->is_up({2}); }));
  CHECK_FALSE(pair.a->egress.is_open(browser({2})));
  pair.a->egress.send(browser({2}), "INVITE", 5);
  CHECK(pair.a->failed.empty());
  REQUIRE(pair.until([&] { return !pair.a->failed.empty(); }));
  CHECK(pair.a->failed == std::vector<std::uint64_t>{5});
}

TEST_CASE("an address that nobody holds is used here: it is on its way", "[cluster]") {
  Pair pair;
  pair.b.reset();
  REQUIRE(pair.until([&] { return !pair.a->links->holder_of({1}); }));
  pair.a->egress.send_to(trunk({1}), "INVITE", 5);
  CHECK(pair.a->sockets.sent.size() == 1);
}

TEST_CASE("a response is handed to the process that waits for it", "[cluster]") {
  Pair pair;
  const Flow came{Kind::Udp, {1}, {}, address("192.0.2.2:5060"), address("192.0.2.9:5060")};
  CHECK(pair.b->egress.hand_over({1}, came, "SIP/2.0 200 OK"));
  REQUIRE(pair.until([&] { return !pair.a->received.empty(); }));
  CHECK(pair.a->received[0].second == "SIP/2.0 200 OK");
  CHECK(pair.a->received[0].first.remote == came.remote);
  CHECK(pair.a->received[0].first.process == ProcessId{2});
  CHECK_FALSE(pair.b->egress.hand_over({9}, came, "SIP/2.0 200 OK"));
}
