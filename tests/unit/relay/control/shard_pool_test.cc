#include "relay/control/shard_pool.h"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace relay;
using namespace relay::control;
using namespace std::chrono_literals;

namespace {

constexpr common::Duration kLimit = 10s;  // for what takes milliseconds on an idle machine

/// A pool on a loop that the test turns; tokens of the reports that have come, by arrival.
struct Scene {
  explicit Scene(std::size_t shards) : pool(loop, shards, common::WallTime{1'700'000'000s}) {}

  void listen() {
    pool.on_event([this](const worker::ShardEvent& event) {
      if (const auto* reported = std::get_if<worker::Reported>(&event)) tokens.push_back(reported->token.value);
    });
  }
  void ask(std::size_t shard, std::uint64_t token) {
    pool.post(shard, worker::QuerySession{session::SessionId{1}, worker::Token{token}});
  }
  bool hears(std::size_t count) {
    return loop.run_until([&] { return tokens.size() >= count; }, kLimit);
  }

  common::event::Loop loop;
  ShardPool pool;
  std::vector<std::uint64_t> tokens;
};

}  // namespace

TEST_CASE("every shard takes commands and reports on the loop", "[shards]") {
  Scene scene(2);
  scene.listen();
  CHECK(scene.pool.count() == 2);
  scene.ask(0, 1);
  scene.ask(1, 2);
  REQUIRE(scene.hears(2));
  std::ranges::sort(scene.tokens);
  CHECK(scene.tokens == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("a session lives on the shard it was posted to alone", "[shards]") {
  Scene scene(2);
  scene.listen();
  const auto sessions = [&](std::size_t shard) { return scene.pool.counters(shard).sessions.load(); };
  scene.pool.post(1, worker::ApplyPlan{session::SessionId{1}, {}});
  scene.ask(0, 1);
  scene.ask(1, 2);
  REQUIRE(scene.hears(2));
  CHECK(sessions(0) == 0);
  CHECK(sessions(1) == 1);
  scene.pool.post(1, worker::RemoveSession{session::SessionId{1}, worker::Token{3}});
  REQUIRE(scene.hears(3));
  CHECK(sessions(1) == 0);
}

TEST_CASE("more commands at once than an inbox holds keep their order and none is lost", "[shards]") {
  Scene scene(2);
  scene.listen();
  constexpr std::uint64_t kMany = 20'000;
  std::vector<std::uint64_t> expected;
  for (std::uint64_t token = 1; token <= kMany; ++token) {
    scene.ask(token % 2, token);
    expected.push_back(token);
  }
  REQUIRE(scene.hears(kMany));
  const auto odd = [](std::uint64_t token) { return token % 2 == 1; };
  std::ranges::stable_partition(expected, odd);
  std::ranges::stable_partition(scene.tokens, odd);  // each shard's in its order
  CHECK(scene.tokens == expected);
}

TEST_CASE("events that come before anybody listens wait", "[shards]") {
  Scene scene(1);
  scene.ask(0, 1);
  scene.loop.run_until([] { return false; }, 50ms);
  scene.listen();
  REQUIRE(scene.hears(1));
  CHECK(scene.tokens == std::vector<std::uint64_t>{1});
}

TEST_CASE("a pool that is destroyed with commands waiting ends its threads", "[shards]") {
  Scene scene(2);
  for (std::uint64_t token = 1; token <= 10'000; ++token) scene.ask(token % 2, token);
}
