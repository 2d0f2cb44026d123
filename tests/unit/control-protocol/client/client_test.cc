#include "control-protocol/client/client.h"

#include <catch2/catch.hpp>
#include <random>

#include "common/time/manual_clock.h"
#include "control-protocol/server/server.h"

using namespace ng;
using namespace std::chrono_literals;

namespace {

std::vector<std::string> sent(Client& client) {
  std::vector<std::string> messages;
  while (auto output = client.poll_output()) {
    if (const auto* send = std::get_if<SendRequest>(&*output)) messages.push_back(send->message);
  }
  return messages;
}

}  // namespace

TEST_CASE("a request repeats at growing intervals until its deadline, then fails", "[client]") {
  common::ManualClock clock;
  Client client({}, "p");
  const auto start = clock.now();
  const CallId id = client.send(Request{}, clock.now());
  std::vector<common::Duration> times;
  std::optional<Completed> completed;
  while (!completed) {
    while (auto output = client.poll_output()) {
      if (std::holds_alternative<SendRequest>(*output)) times.push_back(clock.now() - start);
      if (auto* end = std::get_if<Completed>(&*output)) completed = *end;
    }
    if (completed) break;
    clock.advance_to(*client.next_timeout());
    client.on_timeout(clock.now());
  }
  CHECK(times == std::vector<common::Duration>{0ms, 150ms, 450ms});
  CHECK(clock.now() - start == 1s);
  CHECK(completed->id == id);
  CHECK(completed->result.error() == ClientError::Deadline);
  CHECK(client.in_flight() == 0);
}

TEST_CASE("a reply ends its request and a late repeat of it is ignored", "[client]") {
  common::ManualClock clock;
  Client client({}, "p");
  client.send(Request{}, clock.now());
  CHECK(sent(client) == std::vector<std::string>{"p_1 d7:command4:pinge"});
  client.on_message("q_1 d6:result4:ponge", clock.now());
  client.on_message("p_2 d6:result4:ponge", clock.now());
  client.on_message("p_1 d6:result", clock.now());
  CHECK_FALSE(client.poll_output());
  client.on_message("p_1 d6:result4:ponge", clock.now());
  const auto output = client.poll_output();
  REQUIRE(output);
  CHECK(std::get<Completed>(*output).result->outcome == Outcome::Pong);
  client.on_message("p_1 d6:result4:ponge", clock.now());
  CHECK_FALSE(client.poll_output());
  CHECK_FALSE(client.next_timeout());
}

TEST_CASE("a closed port fails everything in flight at once", "[client]") {
  common::ManualClock clock;
  Client client({}, "p");
  client.send(Request{}, clock.now());
  client.send(Request{}, clock.now());
  sent(client);
  client.on_unreachable();
  for (int i = 0; i < 2; ++i) {
    const auto output = client.poll_output();
    REQUIRE(output);
    CHECK(std::get<Completed>(*output).result.error() == ClientError::Unreachable);
  }
}

TEST_CASE("over a link that loses half of everything each request runs exactly once", "[client][server]") {
  common::ManualClock clock;
  Client client({.deadline = 60s}, "p");
  Server server({.cache_time = 120s});
  const Peer peer{*common::SocketAddress::parse("192.0.2.1:4000"), 0};
  std::mt19937 random(7);
  const auto lost = [&] { return random() % 2 == 0; };
  int executed = 0;
  int completed = 0;
  for (int i = 0; i < 20; ++i) client.send(Request{}, clock.now());
  for (int round = 0; round < 1000 && client.in_flight() > 0; ++round) {
    while (auto output = client.poll_output()) {
      if (const auto* send = std::get_if<SendRequest>(&*output); send && !lost()) {
        server.on_message(peer, send->message, clock.now());
      }
      if (const auto* end = std::get_if<Completed>(&*output)) completed += end->result.has_value() ? 1 : 0;
    }
    while (auto output = server.poll_output()) {
      if (const auto* dispatch = std::get_if<Dispatch>(&*output)) {
        ++executed;
        server.reply(dispatch->id, Reply::ok(), clock.now());
      } else if (!lost()) {
        client.on_message(std::get<SendReply>(*output).message, clock.now());
      }
    }
    if (const auto next = client.next_timeout()) clock.advance_to(*next);
    client.on_timeout(clock.now());
  }
  while (auto output = client.poll_output()) {
    if (const auto* end = std::get_if<Completed>(&*output)) completed += end->result.has_value() ? 1 : 0;
  }
  CHECK(completed == 20);
  CHECK(executed == 20);
}
