#include "common/redis/find_server.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "common/redis/client.h"
#include "tests/support/redis_server.h"

using namespace std::chrono_literals;
using common::SocketAddress;
using common::redis::Endpoint;

namespace {

constexpr auto kPatience = 15s;  // a failover among other tests

Endpoint endpoint(const SocketAddress& address) { return {address.ip.to_string(), address.port}; }
SocketAddress address(std::string_view text) { return *SocketAddress::parse(text); }

const common::redis::Resolve kNoNames = [](const std::string&, const auto& done) { done({}); };

std::optional<SocketAddress> find(common::event::Loop& loop, const common::redis::Link::Find& finder) {
  bool done = false;
  std::optional<SocketAddress> found;
  finder([&](std::optional<SocketAddress> server) {
    found = server;
    done = true;
  });
  REQUIRE(loop.run_until([&] { return done; }, kPatience));
  return found;
}

}  // namespace

TEST_CASE("an endpoint is a host and a port", "[redis]") {
  CHECK(Endpoint::parse("redis.example:6379") == Endpoint{"redis.example", common::Port{6379}});
  CHECK(Endpoint::parse("[2001:db8::1]:6379") == Endpoint{"2001:db8::1", common::Port{6379}});
  CHECK(Endpoint::parse("[2001:db8::1]:6379")->to_string() == "[2001:db8::1]:6379");
  for (const char* text : {"redis.example", ":6379", "redis.example:", "redis.example:0", "redis.example:65536",
                           "redis://redis.example:6379", "user@redis.example:6379"}) {
    CAPTURE(text);
    CHECK_FALSE(Endpoint::parse(text));
  }
}

TEST_CASE("servers are named in turn", "[redis]") {
  common::event::Loop loop;
  const auto finder =
      common::redis::in_turn({{"192.0.2.1", common::Port{1}}, {"192.0.2.2", common::Port{2}}}, kNoNames);
  CHECK(find(loop, finder) == address("192.0.2.1:1"));
  CHECK(find(loop, finder) == address("192.0.2.2:2"));
  CHECK(find(loop, finder) == address("192.0.2.1:1"));
}

TEST_CASE("a name that nobody knows names no server", "[redis]") {
  common::event::Loop loop;
  CHECK(find(loop, common::redis::in_turn({{"nowhere.example", common::Port{1}}}, kNoNames)) == std::nullopt);
}

TEST_CASE("a Sentinel that is gone is passed over for the next", "[redis]") {
  test::RedisServer master;
  test::RedisServer dead;
  dead.kill();
  const auto sentinel = test::RedisServer::sentinel("calls", master.address());
  common::event::Loop loop;
  const auto finder =
      common::redis::by_sentinel(loop, {endpoint(dead.address()), endpoint(sentinel.address())}, "calls", {}, kNoNames);
  CHECK(find(loop, finder) == master.address());
}

TEST_CASE("a group that no Sentinel knows names no server", "[redis]") {
  test::RedisServer master;
  const auto sentinel = test::RedisServer::sentinel("calls", master.address());
  common::event::Loop loop;
  CHECK(find(loop, common::redis::by_sentinel(loop, {endpoint(sentinel.address())}, "mails", {}, kNoNames)) ==
        std::nullopt);
}

TEST_CASE("after a failover the new master is found", "[redis]") {
  common::event::Loop loop;
  common::crypto::SeededRandom random{1};
  const auto answers = [&](common::redis::Client& client, const common::redis::Command& question, auto is_right) {
    for (const auto until = loop.now() + kPatience; loop.now() < until;) {
      std::optional<common::Result<common::redis::Reply, common::redis::Failure>> answer;
      client.call(question, 1s, [&](auto reply) { answer = std::move(reply); });
      if (loop.run_until([&] { return answer.has_value(); }, kPatience) && *answer && is_right(**answer)) return true;
      loop.run_until([] { return false; }, 20ms);
    }
    return false;
  };
  test::RedisServer master;
  test::RedisServer replica{{"--replicaof", "127.0.0.1", std::to_string(master.address().port.value)}};
  common::redis::Client at_master{loop, random, {.servers = {endpoint(master.address())}}, kNoNames, {}, {}};
  REQUIRE(answers(at_master, {"INFO", "replication"}, [](const common::redis::Reply& reply) {
    return reply.text()->find("state=online") != std::string::npos;
  }));
  const auto sentinel = test::RedisServer::sentinel("calls", master.address());
  common::redis::Client at_sentinel{loop, random, {.servers = {endpoint(sentinel.address())}}, kNoNames, {}, {}};
  REQUIRE(answers(at_sentinel, {"SENTINEL", "replicas", "calls"},
                  [](const common::redis::Reply& reply) { return reply.array() && reply.array()->size() == 1; }));
  common::redis::Client client{loop,     random, {.servers = {endpoint(sentinel.address())}, .sentinel_group = "calls"},
                               kNoNames, {},     {}};
  REQUIRE(loop.run_until([&] { return client.is_up() && client.server() == master.address(); }, kPatience));
  master.kill();
  CHECK(loop.run_until([&] { return client.is_up() && client.server() == replica.address(); }, kPatience));
}
