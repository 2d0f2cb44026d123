#include "control-protocol/server/server.h"

#include <catch2/catch.hpp>

#include "common/time/manual_clock.h"

using namespace ng;
using namespace std::chrono_literals;

namespace {

const Peer kAlice{*common::SocketAddress::parse("192.0.2.1:4000"), 0};
const Peer kBob{*common::SocketAddress::parse("192.0.2.2:4000"), 0};

std::optional<Dispatch> dispatched(Server& server) {
  const auto output = server.poll_output();
  if (!output || !std::holds_alternative<Dispatch>(*output)) return std::nullopt;
  return std::get<Dispatch>(*output);
}

std::string sent(Server& server) {
  const auto output = server.poll_output();
  return output && std::holds_alternative<SendReply>(*output) ? std::get<SendReply>(*output).message : "";
}

}  // namespace

TEST_CASE("a request is dispatched once and its reply repeated from the cache", "[server]") {
  common::ManualClock clock;
  Server server;
  server.on_message(kAlice, "c1 d7:command4:pinge", clock.now());
  const auto request = dispatched(server);
  REQUIRE(request);
  CHECK(request->request.command == Command::Ping);
  Reply pong;
  pong.outcome = Outcome::Pong;
  server.reply(request->id, pong, clock.now());
  CHECK(sent(server) == "c1 d6:result4:ponge");
  server.on_message(kAlice, "c1 d7:command4:pinge", clock.now());
  CHECK(sent(server) == "c1 d6:result4:ponge");
  CHECK_FALSE(server.poll_output());
  CHECK(server.counters().repeats == 1);
}

TEST_CASE("a repeat of a running request waits for its reply", "[server]") {
  common::ManualClock clock;
  Server server;
  server.on_message(kAlice, "c1 d7:command4:pinge", clock.now());
  const auto request = dispatched(server);
  server.on_message(kAlice, "c1 d7:command4:pinge", clock.now());
  CHECK_FALSE(server.poll_output());
  server.reply(request->id, Reply::ok(), clock.now());
  CHECK(sent(server) == "c1 d6:result2:oke");
  CHECK_FALSE(server.poll_output());
}

TEST_CASE("the same cookie from another peer is another request", "[server]") {
  common::ManualClock clock;
  Server server;
  server.on_message(kAlice, "1_1 d7:command4:pinge", clock.now());
  server.on_message(kBob, "1_1 d7:command4:pinge", clock.now());
  CHECK(dispatched(server));
  CHECK(dispatched(server));
}

TEST_CASE("a reply is forgotten after 15 seconds, or when the cache is full", "[server]") {
  common::ManualClock clock;
  Server server({.cache_bytes = 100});
  server.on_message(kAlice, "c1 d7:command4:pinge", clock.now());
  server.reply(dispatched(server)->id, Reply::ok(), clock.now());
  sent(server);
  REQUIRE(server.next_timeout());
  SECTION("after its time") {
    clock.advance(15s);
    server.on_timeout(clock.now());
    CHECK_FALSE(server.next_timeout());
  }
  SECTION("by size") {
    for (int i = 2; i < 10; ++i) {
      server.on_message(kAlice, "c" + std::to_string(i) + " d7:command4:pinge", clock.now());
      server.reply(dispatched(server)->id, Reply::ok(), clock.now());
      sent(server);
    }
  }
  server.on_message(kAlice, "c1 d7:command4:pinge", clock.now());
  CHECK(dispatched(server));
}

TEST_CASE("an undecodable request is answered with the reason, in its own encoding", "[server]") {
  common::ManualClock clock;
  Server server;
  server.on_message(kAlice, "c1 d7:command", clock.now());
  CHECK(sent(server) == "c1 d12:error-reason18:message ends early6:result5:errore");
  server.on_message(kAlice, "c2 {\"command\":\"dance\"}", clock.now());
  CHECK(sent(server) == "c2 {\"error-reason\":\"Unrecognized command\",\"result\":\"error\"}");
  server.on_message(kAlice, "garbage", clock.now());
  CHECK_FALSE(server.poll_output());
  CHECK(server.counters().malformed == 2);
}

TEST_CASE("unknown flags come back as a warning", "[server]") {
  common::ManualClock clock;
  Server server;
  server.on_message(kAlice, "c1 d7:command4:ping5:flagsl8:teleportee", clock.now());
  server.reply(dispatched(server)->id, Reply::ok(), clock.now());
  CHECK(sent(server) == "c1 d6:result2:ok7:warning31:unknown flag 'teleport' ignorede");
}

TEST_CASE("too many running requests are refused, not queued", "[server]") {
  common::ManualClock clock;
  Server server({.max_running = 1});
  server.on_message(kAlice, "c1 d7:command4:pinge", clock.now());
  REQUIRE(dispatched(server));
  server.on_message(kAlice, "c2 d7:command4:pinge", clock.now());
  CHECK(sent(server).find("Too many requests are running") != std::string::npos);
}

TEST_CASE("a closed stream's running requests are forgotten", "[server]") {
  common::ManualClock clock;
  Server server;
  server.on_message({kAlice.address, 7}, "c1 d7:command4:pinge", clock.now());
  const auto request = dispatched(server);
  server.on_disconnected(7);
  CHECK(server.running() == 0);
  server.reply(request->id, Reply::ok(), clock.now());
  CHECK_FALSE(server.poll_output());
}
