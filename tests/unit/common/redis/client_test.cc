#include "common/redis/client.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/redis_server.h"

using namespace std::chrono_literals;
using common::redis::Client;
using common::redis::Command;
using common::redis::Endpoint;
using common::redis::Failure;
using common::redis::Reply;
using common::redis::Settings;

namespace {

constexpr auto kPatience = 8s;
constexpr auto kDeadline = 500ms;

Endpoint endpoint(const common::SocketAddress& address) { return {address.ip.to_string(), address.port}; }

/// A client on its loop, and what it told.
struct Scene {
  explicit Scene(Settings settings, std::vector<std::string> channels = {})
      : client(loop, random, settings, resolve, std::move(channels),
               {.on_up = [this] { ++ups; },
                .on_listening = [this] { ++listenings; },
                .on_message = [this](const std::string& channel,
                                     const std::string& text) { messages.push_back(channel + '=' + text); },
                .on_down = [this](const std::string& why) { downs.push_back(why); }}) {}

  bool until(const std::function<bool()>& done) { return loop.run_until(done, kPatience); }
  common::Result<Reply, Failure> ask(const Command& command, common::Duration deadline = kDeadline) {
    std::optional<common::Result<Reply, Failure>> result;
    client.call(command, deadline, [&](auto reply) { result = std::move(reply); });
    REQUIRE(until([&] { return result.has_value(); }));
    return *result;
  }

  common::event::Loop loop;
  common::crypto::SeededRandom random{1};
  std::vector<std::string> looked_up;
  common::redis::Resolve resolve = [this](const std::string& host, const auto& done) {
    looked_up.push_back(host);
    done({common::IpAddress::v4({127, 0, 0, 1})});
  };
  int ups = 0;
  int listenings = 0;
  std::vector<std::string> messages;
  std::vector<std::string> downs;
  Client client;
};

Settings at(const test::RedisServer& server) { return {.servers = {endpoint(server.address())}}; }

}  // namespace

TEST_CASE("commands are answered in their order, errors as replies", "[redis]") {
  test::RedisServer server;
  Scene scene{at(server)};
  REQUIRE(scene.until([&] { return scene.client.is_up(); }));
  CHECK(*scene.ask({"SET", "k", "v"})->text() == "OK");
  CHECK(*scene.ask({"GET", "k"})->text() == "v");
  CHECK(scene.ask({"LPUSH", "k", "x"})->error()->code() == "WRONGTYPE");
}

TEST_CASE("a command fails at once while there is no server", "[redis]") {
  test::RedisServer server;
  server.kill();
  Scene scene{at(server)};
  REQUIRE(scene.until([&] { return !scene.downs.empty(); }));
  CHECK(scene.downs.front() == "Connection refused");
  bool failed = false;
  scene.client.call({"PING"}, kDeadline, [&](const auto& reply) { failed = reply.error() == Failure::Unavailable; });
  CHECK(failed);
}

TEST_CASE("what waits when the server dies fails, and a restarted server is found again", "[redis]") {
  test::RedisServer server;
  Scene scene{at(server)};
  REQUIRE(scene.until([&] { return scene.client.is_up(); }));
  std::optional<Failure> failure;
  scene.client.call({"BLPOP", "nothing", "60"}, 60s, [&](const auto& reply) { failure = reply.error(); });
  REQUIRE(scene.ask({"PING"}, 50ms).error() == Failure::Deadline);  // behind the blocking one
  server.kill();
  REQUIRE(scene.until([&] { return failure.has_value(); }));
  CHECK(*failure == Failure::Unavailable);
  server.restart();
  REQUIRE(scene.until([&] { return scene.client.is_up(); }));
  CHECK(scene.ups == 2);
  CHECK(*scene.ask({"PING"})->text() == "PONG");
}

TEST_CASE("a late reply is not taken for that of a later command", "[redis]") {
  test::RedisServer server;
  Scene scene{at(server)};
  REQUIRE(scene.until([&] { return scene.client.is_up(); }));
  scene.ask({"SET", "k", "late"});
  server.pause();
  CHECK(scene.ask({"GET", "k"}, 30ms).error() == Failure::Deadline);
  server.resume();
  CHECK(*scene.ask({"ECHO", "on time"})->text() == "on time");
}

TEST_CASE("a server that hangs is left, and found again when it answers", "[redis]") {
  test::RedisServer server;
  Scene scene{at(server)};
  REQUIRE(scene.until([&] { return scene.client.is_up(); }));
  server.pause();
  CHECK(scene.ask({"PING"}, 30ms).error() == Failure::Deadline);
  REQUIRE(scene.until([&] { return !scene.downs.empty(); }));
  CHECK(scene.downs.front() == "the server does not answer");
  server.resume();
  CHECK(scene.until([&] { return scene.client.is_up(); }));
}

TEST_CASE("the password is given, and a wrong one is told", "[redis]") {
  test::RedisServer server{{"--requirepass", "open sesame"}};
  Settings settings = at(server);
  SECTION("the right one") {
    settings.access.identity.password = "open sesame";
    Scene scene{settings};
    REQUIRE(scene.until([&] { return scene.client.is_up(); }));
    CHECK(*scene.ask({"PING"})->text() == "PONG");
  }
  SECTION("a wrong one") {
    settings.access.identity.password = "guess";
    Scene scene{settings};
    REQUIRE(scene.until([&] { return !scene.downs.empty(); }));
    CHECK(scene.downs.front().starts_with("AUTH: WRONGPASS"));
    CHECK(scene.ups == 0);
  }
  SECTION("none") {
    Scene scene{settings};
    REQUIRE(scene.until([&] { return !scene.downs.empty(); }));
    CHECK(scene.downs.front().starts_with("CLIENT SETNAME: NOAUTH"));
  }
}

TEST_CASE("TLS is spoken with the server that bears the right name alone", "[redis][tls]") {
  test::TempDir dir;
  test::TestCa ca;
  const std::string roots = ca.write(dir, "ca.pem");
  const test::PemFiles files = ca.issue(dir, "redis", "redis.example", {"DNS:redis.example"});
  test::RedisServer plain;
  const auto tls_port = std::to_string(plain.address().port.value);
  plain.kill();
  test::RedisServer server{{"--port", "0", "--tls-port", tls_port, "--tls-cert-file", files.certificate,
                            "--tls-key-file", files.key, "--tls-ca-cert-file", roots, "--tls-auth-clients", "no"},
                           plain.address()};
  Settings settings{.servers = {endpoint(plain.address())}};
  const auto context = common::tls::Context::client({roots, "", ""}).value();
  SECTION("the right name") {
    settings.access.tls = {context, "redis.example"};
    Scene scene{settings};
    REQUIRE(scene.until([&] { return scene.client.is_up(); }));
    CHECK(*scene.ask({"PING"})->text() == "PONG");
  }
  SECTION("another name") {
    settings.access.tls = {context, "other.example"};
    Scene scene{settings};
    REQUIRE(scene.until([&] { return !scene.downs.empty(); }));
    CHECK(scene.downs.front().starts_with("certificate refused"));
  }
}

TEST_CASE("what is published is heard, and the owner knows when something may have been missed", "[redis]") {
  test::RedisServer server;
  Scene scene{at(server), {"news", "weather"}};
  REQUIRE(scene.until([&] { return scene.client.is_up() && scene.client.is_listening(); }));
  CHECK(scene.listenings == 1);
  CHECK(scene.ask({"PUBLISH", "weather", "rain"})->integer() == 1);
  REQUIRE(scene.until([&] { return !scene.messages.empty(); }));
  CHECK(scene.messages == std::vector<std::string>{"weather=rain"});
  server.restart();
  CHECK(scene.until([&] { return scene.listenings == 2; }));
}

TEST_CASE("a name is looked up at each attempt", "[redis]") {
  test::RedisServer server;
  Scene scene{{.servers = {{"redis.example", server.address().port}}}};
  REQUIRE(scene.until([&] { return scene.client.is_up(); }));
  server.restart();
  REQUIRE(scene.until([&] { return scene.ups == 2; }));
  CHECK(scene.looked_up.size() >= 2);
}

TEST_CASE("a server that became a replica is left for the next one", "[redis]") {
  test::RedisServer old_master;
  test::RedisServer new_master;
  Scene scene{{.servers = {endpoint(old_master.address()), endpoint(new_master.address())}}};
  REQUIRE(scene.until([&] { return scene.client.is_up(); }));
  REQUIRE(scene.client.server() == old_master.address());
  scene.ask({"REPLICAOF", "127.0.0.1", std::to_string(new_master.address().port.value)});
  CHECK(scene.ask({"SET", "k", "v"}).error() == Failure::Unavailable);
  REQUIRE(scene.until([&] { return scene.client.is_up() && scene.client.server() == new_master.address(); }));
  CHECK(*scene.ask({"SET", "k", "v"})->text() == "OK");
}
