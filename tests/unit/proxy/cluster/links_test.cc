#include "proxy/cluster/links.h"

#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/event/sockets.h"
#include "common/tls/shared_key.h"

using namespace proxy::cluster;
using namespace std::chrono_literals;
using proxy::transport::ListenerId;
using proxy::transport::ProcessId;

namespace {

constexpr auto kPatience = 8s;
const common::Bytes kKey(32, 1);
const common::Bytes kOtherKey(32, 2);

common::SocketAddress free_address() {
  const auto fd = common::event::bind_socket(SOCK_STREAM, *common::SocketAddress::parse("127.0.0.1:0"));
  return common::event::local_address(fd->get());
}

struct Node {
  Node(common::event::Loop& loop, std::uint32_t process, const common::SocketAddress& at,
       const common::SocketAddress& peer, const common::Bytes& key = kKey)
      : self{process},
        links(*Links::open(
            loop,
            {.listen = at,
             .peers = {peer},
             .name = "node" + std::to_string(process),
             .self = self,
             .client = common::tls::shared_key_client(key),
             .server = common::tls::shared_key_server({key})},
            {.on_message = [this](ProcessId from, LinkMessage message) { received.emplace_back(from, message); },
             .on_up = [this](ProcessId) { ++ups; },
             .on_down = [this](ProcessId) { ++downs; },
             .held = [this] { return held; }})) {}

  ProcessId self;
  std::vector<ListenerId> held;
  std::vector<std::pair<ProcessId, LinkMessage>> received;
  int ups = 0;
  int downs = 0;
  std::unique_ptr<Links> links;
};

struct Scene {
  void start_a(const common::Bytes& key = kKey) { a.emplace(loop, 1, at_a, at_b, key); }
  void start_b(std::uint32_t process = 2, const common::Bytes& key = kKey) {
    b.emplace(loop, process, at_b, at_a, key);
  }
  bool until(const std::function<bool()>& done) { return loop.run_until(done, kPatience); }

  common::event::Loop loop;
  common::SocketAddress at_a = free_address();
  common::SocketAddress at_b = free_address();
  std::optional<Node> a, b;
};

}  // namespace

TEST_CASE("two nodes find each other, whoever starts first, and speak both ways", "[cluster]") {
  Scene scene;
  scene.start_a();
  scene.loop.run_until([] { return false; }, 50ms);
  CHECK_FALSE(scene.a->links->is_up({2}));
  CHECK_FALSE(scene.a->links->send({2}, NotSent{1}));
  scene.start_b();
  REQUIRE(scene.until([&] { return scene.a->links->is_up({2}) && scene.b->links->is_up({1}); }));
  CHECK(scene.a->links->statuses()[0].name == "node2");
  CHECK(scene.a->links->send({2}, NotSent{7}));
  CHECK(scene.b->links->send({1}, NotSent{8}));
  REQUIRE(scene.until([&] { return scene.a->received.size() == 1 && scene.b->received.size() == 1; }));
  CHECK(scene.b->received[0].first == ProcessId{1});
  CHECK(scene.b->received[0].second == LinkMessage{NotSent{7}});
  CHECK(scene.a->received[0].second == LinkMessage{NotSent{8}});
}

TEST_CASE("the others know which addresses a node holds, at once when that changes", "[cluster]") {
  Scene scene;
  scene.start_a();
  scene.start_b();
  scene.b->held = {{1}};
  REQUIRE(scene.until([&] { return scene.a->links->holder_of({1}) == ProcessId{2}; }));
  CHECK_FALSE(scene.a->links->holder_of({0}));
  scene.b->held = {};
  scene.b->links->beat();
  REQUIRE(scene.until([&] { return !scene.a->links->holder_of({1}); }));
}

TEST_CASE("a node that ends is known to be gone, and its successor is another process", "[cluster]") {
  Scene scene;
  scene.start_a();
  scene.start_b();
  scene.b->held = {{1}};
  REQUIRE(scene.until([&] { return scene.a->links->holder_of({1}).has_value(); }));
  scene.b.reset();
  REQUIRE(scene.until([&] { return scene.a->downs == 1; }));
  CHECK_FALSE(scene.a->links->is_up({2}));
  CHECK_FALSE(scene.a->links->holder_of({1}));
  scene.start_b(3);
  REQUIRE(scene.until([&] { return scene.a->links->is_up({3}); }));
  CHECK_FALSE(scene.a->links->is_up({2}));
}

TEST_CASE("a node with another secret is none of ours", "[cluster][attack]") {
  Scene scene;
  scene.start_a();
  scene.start_b(2, kOtherKey);
  scene.loop.run_until([] { return false; }, 800ms);
  CHECK(scene.a->ups == 0);
  CHECK(scene.b->ups == 0);
}

TEST_CASE("who answers nothing is gone after a second", "[cluster]") {
  Scene scene;
  scene.start_a();
  common::event::Loop other;  // runs for a moment, then never again
  Node silent{other, 2, scene.at_b, scene.at_a};
  const auto up = [&] {
    other.run_until([] { return false; }, 5ms);
    return scene.a->links->is_up({2});
  };
  REQUIRE(scene.until(up));
  const auto before = scene.loop.now();
  REQUIRE(scene.until([&] { return scene.a->downs == 1; }));
  CHECK(scene.loop.now() - before < 2s);
}
