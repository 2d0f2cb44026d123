#include "relay/control/teardown_sender.h"

#include <catch2/catch.hpp>

#include "tests/support/fake_relay.h"

using namespace relay::control;
using namespace std::chrono_literals;
using common::SocketAddress;

namespace {

constexpr common::Duration kLimit = 10s;  // for what takes milliseconds on an idle machine

/// Proxies speak the same protocol as a relay here: they take the teardown.
using Proxy = tests::FakeRelay;

TeardownSender::Settings hasty() { return {.deadline = 100ms, .pause = 1ms, .rounds = 2, .max_running = 10}; }

struct Scene {
  explicit Scene(TeardownSender::Settings settings = hasty()) : sender(loop, settings, "prefix") {
    sender.on_idle([this] { ++idle; });
  }

  void send(std::vector<SocketAddress> to, std::string call_id = "call") {
    ng::Request request;
    request.command = ng::Command::Teardown;
    request.call_id = std::move(call_id);
    request.teardown_blob = "sealed";
    request.reason = "media-timeout";
    sender.send(std::move(request), std::move(to));
  }
  bool ends() {
    return loop.run_until([&] { return sender.running() == 0 && idle > 0; }, kLimit);
  }

  common::event::Loop loop;
  TeardownSender sender;
  int idle = 0;
};

ng::Reply refusal(const ng::Request&) { return ng::Reply::error("not mine"); }

}  // namespace

TEST_CASE("a proxy is told which call has ended and why, in the proxy's own sealed words", "[teardown]") {
  Scene scene;
  Proxy proxy(scene.loop);
  scene.send({proxy.address()});
  CHECK(scene.sender.running() == 1);
  REQUIRE(scene.ends());
  REQUIRE(proxy.requests.size() == 1);
  CHECK(proxy.requests[0].command == ng::Command::Teardown);
  CHECK(proxy.requests[0].call_id == "call");
  CHECK(proxy.requests[0].teardown_blob == "sealed");
  CHECK(proxy.requests[0].reason == "media-timeout");
  CHECK(scene.sender.counters().delivered == 1);
  CHECK(scene.sender.counters().failed == 0);
  CHECK(scene.idle == 1);
}

TEST_CASE("the next address is asked when one is closed, silent, or says no", "[teardown]") {
  Scene scene;
  Proxy first(scene.loop);
  Proxy second(scene.loop);
  SECTION("closed") { first.close(); }
  SECTION("silent") { first.silent = true; }
  SECTION("says no") { first.answer = refusal; }
  scene.send({first.address(), second.address()});
  REQUIRE(scene.ends());
  CHECK(second.requests.size() == 1);
  CHECK(scene.sender.counters().delivered == 1);
}

TEST_CASE("the first address that takes it is the last one asked", "[teardown]") {
  Scene scene;
  Proxy first(scene.loop);
  Proxy second(scene.loop);
  scene.send({first.address(), second.address()});
  REQUIRE(scene.ends());
  CHECK(first.requests.size() == 1);
  CHECK(second.datagrams == 0);
}

TEST_CASE("a request that gets lost is repeated before its address is given up", "[teardown]") {
  Scene scene({.deadline = 5s, .pause = 1ms, .rounds = 1, .max_running = 10});
  Proxy proxy(scene.loop);
  proxy.lose_requests = 1;
  scene.send({proxy.address()});
  REQUIRE(scene.ends());
  CHECK(proxy.datagrams == 2);
  CHECK(scene.sender.counters().delivered == 1);
}

TEST_CASE("a teardown that nobody takes has failed after its rounds", "[teardown]") {
  Scene scene;
  Proxy first(scene.loop);
  Proxy second(scene.loop);
  first.answer = second.answer = refusal;
  scene.send({first.address(), second.address()});
  REQUIRE(scene.ends());
  CHECK(first.requests.size() == 2);
  CHECK(second.requests.size() == 2);
  CHECK(scene.sender.counters().failed == 1);
  CHECK(scene.sender.counters().delivered == 0);
}

TEST_CASE("between two rounds there is a pause, within one there is none", "[teardown]") {
  Scene scene({.deadline = 5s, .pause = 100ms, .rounds = 2, .max_running = 10});
  Proxy first(scene.loop);
  Proxy second(scene.loop);
  std::vector<common::Instant> asked;
  first.answer = second.answer = [&](const ng::Request& request) {
    asked.push_back(common::event::read_clock());
    return refusal(request);
  };
  scene.send({first.address(), second.address()});
  REQUIRE(scene.ends());
  REQUIRE(asked.size() == 4);
  CHECK(asked[1] - asked[0] < asked[2] - asked[1]);
  CHECK(asked[2] - asked[1] >= 99ms);
}

TEST_CASE("many calls are told at once, and idle is said when the last is through", "[teardown]") {
  Scene scene;
  Proxy proxy(scene.loop);
  Proxy silent(scene.loop);
  silent.silent = true;
  scene.send({silent.address(), proxy.address()}, "slow");
  for (int i = 0; i < 5; ++i) scene.send({proxy.address()}, "call" + std::to_string(i));
  REQUIRE(scene.ends());
  CHECK(scene.sender.counters().delivered == 6);
  CHECK(proxy.requests.size() == 6);
  CHECK(proxy.requests.back().call_id == "slow");
  CHECK(scene.idle == 1);
}

TEST_CASE("more teardowns than may run are counted as failed and not sent", "[teardown]") {
  Scene scene({.deadline = 100ms, .pause = 1ms, .rounds = 1, .max_running = 2});
  Proxy proxy(scene.loop);
  for (int i = 0; i < 3; ++i) scene.send({proxy.address()});
  CHECK(scene.sender.running() == 2);
  CHECK(scene.sender.counters().failed == 1);
  REQUIRE(scene.ends());
  CHECK(proxy.requests.size() == 2);
}

TEST_CASE("in a hurry the next address has less time and the next round no pause", "[teardown]") {
  Scene scene({.deadline = 1h, .pause = 1h, .rounds = 2, .max_running = 10});
  Proxy silent(scene.loop);
  silent.silent = true;
  scene.sender.hurry(10ms);
  scene.send({silent.address()});
  CHECK(scene.ends());
  CHECK(scene.sender.counters().failed == 1);
}

TEST_CASE("a sender that goes away leaves what it was doing", "[teardown]") {
  common::event::Loop loop;
  Proxy silent(loop);
  silent.silent = true;
  {
    TeardownSender sender(loop, hasty(), "prefix");
    ng::Request request;
    request.command = ng::Command::Teardown;
    request.call_id = "call";
    request.teardown_blob = "sealed";
    sender.send(request, {silent.address()});
    REQUIRE(loop.run_until([&] { return silent.datagrams == 1; }, kLimit));
  }
  loop.run_until([] { return false; }, 150ms);
  CHECK(silent.datagrams == 1);
}
