#include "proxy/relay_pool/relay_pool.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>

#include "tests/support/fake_relay.h"

using namespace proxy::relay_pool;
using namespace std::chrono_literals;
using proxy::media::RelayIndex;
using Result = common::Result<ng::Reply, ng::ClientError>;

namespace {

ng::Request delete_request(const std::string& call_id) {
  ng::Request request;
  request.command = ng::Command::Delete;
  request.call_id = call_id;
  return request;
}

/// Lines of the log while it lives.
struct LogLines {
  LogLines() {
    common::log::set_sink([this](std::string_view line) { text += std::string(line) + '\n'; });
  }
  ~LogLines() { common::log::set_sink({}); }
  std::size_t count(std::string_view event) const {
    std::size_t found = 0;
    for (std::size_t at = text.find(event); at != std::string::npos; at = text.find(event, at + 1)) ++found;
    return found;
  }
  std::string text;
};

template <std::size_t N = 1>
struct Scene {
  common::event::Loop loop;
  std::vector<std::unique_ptr<tests::FakeRelay>> relays;
  LogLines log;
  std::unique_ptr<RelayPool> pool;
  std::vector<std::pair<std::string, Result>> ended;  // in the order of their end
  bool inside_call = false;
  bool told_inside_call = false;

  explicit Scene(common::Duration timeout = 5s) {
    for (std::size_t i = 0; i < N; ++i) relays.push_back(std::make_unique<tests::FakeRelay>(loop));
    pool = make_pool(timeout);
  }

  std::unique_ptr<RelayPool> make_pool(common::Duration timeout) {
    std::vector<common::SocketAddress> addresses;
    for (const auto& relay : relays) addresses.push_back(relay->address());
    const Settings settings{
        .relays = addresses, .timeout = timeout, .ping_interval = 30ms, .retry_interval = 20ms, .ping_deadline = 400ms};
    return std::make_unique<RelayPool>(loop, settings, "test");
  }

  tests::FakeRelay& relay(std::size_t index = 0) { return *relays[index]; }
  RelayStatus status(std::size_t index = 0) const { return pool->statuses()[index]; }
  bool wait(const std::function<bool()>& done) { return loop.run_until(done, 4s); }
  bool wait_healthy() {
    return wait(
        [&] { return std::ranges::all_of(pool->statuses(), [](const auto& status) { return status.healthy; }); });
  }
  bool wait_ended(std::size_t count) {
    return wait([&] { return ended.size() >= count; });
  }

  void ask(const ng::Request& request, RelayIndex relay = 0) {
    inside_call = true;
    pool->ask(relay, request, [this, call_id = request.call_id](Result result) {
      told_inside_call |= inside_call;
      ended.emplace_back(call_id, std::move(result));
    });
    inside_call = false;
  }
  std::size_t ends_of(const std::string& call_id) const {
    return static_cast<std::size_t>(std::ranges::count(ended, call_id, [](const auto& end) { return end.first; }));
  }
};

}  // namespace

TEST_CASE("A reply reaches the asker of its request", "[proxy][relay_pool]") {
  Scene scene;
  scene.relay().answer = [](const ng::Request& request) {
    if (request.call_id == "refused") return ng::Reply::error("no such call");
    ng::Reply reply = ng::Reply::ok();
    reply.body["sdp"] = "of " + request.call_id;
    return reply;
  };
  for (const char* call : {"one", "two", "refused"}) scene.ask(delete_request(call));
  REQUIRE(scene.wait_ended(3));
  for (const auto& [call_id, result] : scene.ended) {
    REQUIRE(result.has_value());
    if (call_id == "refused") {
      CHECK(result->error_reason == "no such call");
    } else {
      CHECK(result->text("sdp") == "of " + call_id);
    }
  }
  CHECK((scene.ends_of("one") == 1 && scene.ends_of("two") == 1 && scene.ends_of("refused") == 1));
  CHECK_FALSE(scene.told_inside_call);
  CHECK(scene.status().requests == 3);
  CHECK(scene.status().failures == 0);
  CHECK(scene.status().in_flight == 0);
}

TEST_CASE("A request whose datagram is lost is repeated and ends once", "[proxy][relay_pool]") {
  Scene scene;
  scene.relay().lose_requests = 1;
  scene.ask(delete_request("call"));
  REQUIRE(scene.wait_ended(1));
  CHECK(scene.ended[0].second.has_value());
  CHECK(scene.relay().datagrams == 2);
  CHECK(scene.relay().requests.size() == 1);
  CHECK(scene.status().failures == 0);
}

TEST_CASE("A reply of nearly a whole datagram arrives", "[proxy][relay_pool]") {
  Scene scene;
  const std::string sdp(65'000, 'v');
  scene.relay().answer = [&](const ng::Request&) {
    ng::Reply reply = ng::Reply::ok();
    reply.body["sdp"] = sdp;
    return reply;
  };
  scene.ask(delete_request("call"));
  REQUIRE(scene.wait_ended(1));
  REQUIRE(scene.ended[0].second.has_value());
  CHECK(scene.ended[0].second->text("sdp") == sdp);
}

TEST_CASE("A request without a reply ends at its deadline and marks the relay unhealthy", "[proxy][relay_pool]") {
  Scene scene{200ms};
  REQUIRE(scene.wait_healthy());
  scene.relay().lose_requests = 1000;  // it answers its pings
  std::optional<bool> healthy_at_end;
  std::optional<ng::ClientError> error;
  const auto asked = scene.loop.now();
  scene.pool->ask(0, delete_request("call"), [&](Result result) {
    error = result.error();
    healthy_at_end = scene.status().healthy;
  });
  CHECK(scene.status().in_flight == 1);
  REQUIRE(scene.wait([&] { return error.has_value(); }));
  CHECK(scene.loop.now() - asked >= 200ms);
  CHECK(error == ng::ClientError::Deadline);
  CHECK(healthy_at_end == false);
  CHECK(scene.status().failures == 1);
  CHECK(scene.status().timeouts == 1);
  CHECK(scene.wait_healthy());
}

TEST_CASE("A closed port fails everything in flight at once", "[proxy][relay_pool]") {
  Scene scene;  // requests would wait for 5 s
  REQUIRE(scene.wait_healthy());
  scene.relay().silent = true;
  scene.ask(delete_request("one"));
  scene.ask(delete_request("two"));
  REQUIRE(scene.wait([&] { return scene.relay().datagrams >= 2; }));
  CHECK(scene.ended.empty());
  scene.relay().close();
  const auto closed = scene.loop.now();
  scene.ask(delete_request("three"));
  REQUIRE(scene.wait_ended(3));
  CHECK(scene.loop.now() - closed < 2s);
  for (const auto& [call_id, result] : scene.ended) {
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error() == ng::ClientError::Unreachable);
  }
  CHECK_FALSE(scene.told_inside_call);
  CHECK_FALSE(scene.status().healthy);
  CHECK(scene.status().failures == 3);
  CHECK(scene.status().timeouts == 0);
}

TEST_CASE("An unhealthy relay is healthy again after its pong, and each change is logged once", "[proxy][relay_pool]") {
  Scene scene;
  REQUIRE(scene.wait_healthy());
  scene.relay().close();
  REQUIRE(scene.wait([&] { return !scene.status().healthy; }));
  scene.loop.run_until([] { return false; }, 100ms);  // several pings fail
  CHECK(scene.log.count("relay.unreachable") == 1);
  scene.relay().open();
  REQUIRE(scene.wait_healthy());
  const int pings = scene.relay().pings;
  REQUIRE(scene.wait([&] { return scene.relay().pings >= pings + 2; }));
  CHECK(scene.log.count("relay.reachable") == 2);  // the first one at the start
  CHECK(scene.log.count("relay.unreachable") == 1);
  scene.ask(delete_request("call"));
  REQUIRE(scene.wait_ended(1));
  CHECK(scene.ended[0].second.has_value());
}

TEST_CASE("A relay that answers no ping in time is unhealthy", "[proxy][relay_pool]") {
  Scene scene;
  REQUIRE(scene.wait_healthy());
  scene.relay().silent = true;
  REQUIRE(scene.wait([&] { return !scene.status().healthy; }));
  CHECK(scene.log.text.find("no reply in time") != std::string::npos);
  scene.relay().silent = false;
  CHECK(scene.wait_healthy());
}

TEST_CASE("A relay that was never there is not healthy", "[proxy][relay_pool]") {
  Scene scene;
  scene.relay().close();
  CHECK_FALSE(scene.status().healthy);
  REQUIRE(scene.wait([&] { return scene.log.count("relay.unreachable") > 0; }));
  scene.ask(delete_request("call"));
  REQUIRE(scene.wait_ended(1));
  CHECK(scene.ended[0].second.error() == ng::ClientError::Unreachable);
  CHECK_FALSE(scene.told_inside_call);
}

TEST_CASE("The boot id is the one told last, by a pong or a reply", "[proxy][relay_pool]") {
  Scene scene;
  CHECK(scene.pool->boot(0) == 0);
  REQUIRE(scene.wait_healthy());
  CHECK(scene.pool->boot(0) == fold_boot_id("first"));
  CHECK(scene.status().boot == fold_boot_id("first"));

  scene.relay().boot_id = "second";
  REQUIRE(scene.wait([&] { return scene.pool->boot(0) == fold_boot_id("second"); }));

  scene.relay().answer = [](const ng::Request&) {
    ng::Reply reply = ng::Reply::ok();
    reply.body["boot-id"] = "third";
    return reply;
  };
  std::uint16_t at_end = 0;
  scene.pool->ask(0, delete_request("call"), [&](const Result&) { at_end = scene.pool->boot(0); });
  REQUIRE(scene.wait([&] { return at_end != 0; }));
  CHECK(at_end == fold_boot_id("third"));

  scene.relay().boot_id.clear();
  CHECK(scene.wait([&] { return scene.pool->boot(0) == 0; }));
  CHECK(scene.pool->boot(1) == 0);
}

TEST_CASE("A boot id folds into the front of its SHA-256", "[proxy][relay_pool]") {
  CHECK(fold_boot_id("abc") == 0xba78);  // FIPS 180-2, appendix B.1
  CHECK(fold_boot_id("") == 0);
}

TEST_CASE("Pools agree on the order of relays, and calls spread over them", "[proxy][relay_pool]") {
  Scene<4> scene;
  REQUIRE(scene.wait_healthy());
  const auto other = scene.make_pool(1s);
  REQUIRE(scene.loop.run_until([&] { return std::ranges::all_of(other->statuses(), &RelayStatus::healthy); }, 4s));
  std::array<int, 4> calls{};
  for (int i = 0; i < 1000; ++i) {
    const std::string call_id = "call-" + std::to_string(i);
    const auto order = scene.pool->order_for(call_id);
    REQUIRE(order.size() == 4);
    REQUIRE(order == other->order_for(call_id));
    ++calls[order.front()];
  }
  for (const int count : calls) CHECK((count > 150 && count < 350));
}

TEST_CASE("A relay taken out of the list moves its own calls only", "[proxy][relay_pool]") {
  Scene<4> scene;
  const std::size_t gone = 1;
  Settings fewer;
  for (std::size_t i = 0; i < 4; ++i) {
    if (i != gone) fewer.relays.push_back(scene.relay(i).address());
  }
  const RelayPool smaller{scene.loop, fewer, "fewer"};
  for (int i = 0; i < 200; ++i) {
    const std::string call_id = "call-" + std::to_string(i);
    std::vector<common::SocketAddress> before;
    for (const RelayIndex index : scene.pool->order_for(call_id)) {
      if (index != gone) before.push_back(scene.relay(index).address());
    }
    std::vector<common::SocketAddress> after;
    for (const RelayIndex index : smaller.order_for(call_id)) after.push_back(fewer.relays[index]);
    REQUIRE(before == after);
  }
}

TEST_CASE("An unhealthy relay comes last and the order of the others stays", "[proxy][relay_pool]") {
  Scene<4> scene;
  REQUIRE(scene.wait_healthy());
  std::vector<std::vector<RelayIndex>> before;
  for (int i = 0; i < 100; ++i) before.push_back(scene.pool->order_for(std::to_string(i)));
  scene.relay(2).close();
  REQUIRE(scene.wait([&] { return !scene.status(2).healthy; }));
  REQUIRE(scene.wait([&] { return scene.status(0).healthy && scene.status(1).healthy && scene.status(3).healthy; }));
  for (int i = 0; i < 100; ++i) {
    std::vector<RelayIndex> expected = before[static_cast<std::size_t>(i)];
    std::ranges::stable_partition(expected, [](RelayIndex index) { return index != 2; });
    REQUIRE(scene.pool->order_for(std::to_string(i)) == expected);
  }
}

TEST_CASE("A relay that is not in the pool is unreachable", "[proxy][relay_pool]") {
  Scene scene;
  scene.ask(delete_request("call"), 1);
  REQUIRE(scene.wait_ended(1));
  CHECK(scene.ended[0].second.error() == ng::ClientError::Unreachable);
  CHECK_FALSE(scene.told_inside_call);
  CHECK(scene.status().requests == 0);
}

TEST_CASE("A request too large for a datagram fails and leaves the relay healthy", "[proxy][relay_pool]") {
  Scene scene;
  REQUIRE(scene.wait_healthy());
  ng::Request request = delete_request("call");
  request.command = ng::Command::Offer;
  request.from_tag = "a";
  request.sdp = std::string(60'001, 'v');
  scene.ask(request);
  REQUIRE(scene.wait_ended(1));
  CHECK(scene.ended[0].second.error() == ng::ClientError::Unreachable);
  CHECK_FALSE(scene.told_inside_call);
  CHECK(scene.status().healthy);
  CHECK(scene.log.count("relay.request_too_large") == 1);

  request.sdp.resize(59'000);
  scene.ask(request);
  REQUIRE(scene.wait_ended(2));
  REQUIRE(scene.ended[1].second.has_value());
  REQUIRE(scene.relay().requests.size() == 1);
  CHECK(scene.relay().requests[0].sdp == request.sdp);
}

TEST_CASE("A completion may ask again", "[proxy][relay_pool]") {
  Scene scene;
  bool inside = false;
  bool told_inside = false;
  std::optional<Result> second;
  scene.pool->ask(0, delete_request("one"), [&](const Result&) {
    inside = true;
    scene.pool->ask(0, delete_request("two"), [&](Result result) {
      told_inside = inside;
      second = std::move(result);
    });
    inside = false;
  });
  REQUIRE(scene.wait([&] { return second.has_value(); }));
  CHECK(second->has_value());
  CHECK_FALSE(told_inside);
  CHECK(scene.relay().requests.size() == 2);
}

TEST_CASE("Requests of a pool that is gone never tell their end", "[proxy][relay_pool]") {
  Scene scene;
  REQUIRE(scene.wait_healthy());
  scene.ask(delete_request("running"));
  scene.ask(delete_request("refused"), 9);
  scene.pool.reset();
  scene.loop.run_until([] { return false; }, 50ms);
  CHECK(scene.ended.empty());
}
