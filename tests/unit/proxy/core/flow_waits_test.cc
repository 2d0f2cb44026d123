#include "proxy/core/flow_waits.h"

#include <catch2/catch.hpp>

using namespace proxy::core;
using namespace std::chrono_literals;

namespace {

constexpr common::Instant kStart{1s};

struct Bench {
  FlowWaits waits;
  std::string told;

  bool add(std::uint64_t server, std::uint32_t owner, common::Duration time = kFlowReturn) {
    return waits.add({server}, {owner, kStart + time, [this, server] { told += "back" + std::to_string(server) + ' '; },
                                [this, server] { told += "end" + std::to_string(server) + ' '; }});
  }
};

}  // namespace

TEST_CASE("who waits for a user is told of that user alone, once", "[core]") {
  Bench bench;
  CHECK(bench.add(1, 7));
  CHECK(bench.add(2, 7));
  CHECK(bench.add(3, 8));
  bench.waits.wake(7);
  bench.waits.wake(7);
  CHECK(bench.told == "back1 back2 ");
  CHECK(bench.waits.size() == 1);
  bench.waits.on_timeout(kStart + kFlowReturn);
  CHECK(bench.told == "back1 back2 end3 ");
  CHECK_FALSE(bench.waits.next_timeout());
}

TEST_CASE("what is cancelled is told nothing, and a later wait takes the place of an older one", "[core]") {
  Bench bench;
  CHECK(bench.add(1, 7));
  CHECK(bench.add(1, 8, 5s));
  CHECK(bench.waits.next_timeout() == kStart + 5s);
  bench.waits.wake(7);
  bench.waits.cancel({1});
  bench.waits.wake(8);
  bench.waits.on_timeout(kStart + 1h);
  CHECK(bench.told.empty());
}

TEST_CASE("a wait that is woken may wait again", "[core]") {
  FlowWaits waits;
  int woken = 0;
  std::function<void()> again = [&] {
    ++woken;
    CHECK(waits.add({1}, {7, kStart + kFlowReturn, again, [] {}}));
  };
  again();
  waits.wake(7);
  CHECK(woken == 2);
  CHECK(waits.size() == 1);
}

TEST_CASE("no more wait than memory is kept for", "[core][attack]") {
  Bench bench;
  std::uint64_t server = 0;
  while (bench.add(++server, 7)) REQUIRE(server < 100'000);
  CHECK(bench.waits.size() == server - 1);
  CHECK(bench.add(1, 8));
}
