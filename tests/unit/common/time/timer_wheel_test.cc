#include "common/time/timer_wheel.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "common/time/manual_clock.h"

using namespace common;
using namespace std::chrono_literals;

TEST_CASE("a wheel fires each deadline once, neither early nor more than a tick late", "[timer]") {
  ManualClock clock;
  TimerWheel wheel(clock.now(), 5ms, 64);
  std::mt19937 random(1);
  std::map<std::uint32_t, Instant> deadlines;
  for (std::uint32_t id = 0; id < 500; ++id) {
    const Instant at = clock.now() + std::chrono::milliseconds(random() % 2000);
    wheel.schedule(id, at);
    deadlines[id] = at;
  }
  std::vector<std::uint32_t> due;
  while (!deadlines.empty()) {
    clock.advance(std::chrono::milliseconds(random() % 400));
    due.clear();
    wheel.expire(clock.now(), due);
    for (const auto id : due) {
      REQUIRE(deadlines.contains(id));
      CHECK(deadlines[id] <= clock.now());
      deadlines.erase(id);
    }
    for (const auto& [id, at] : deadlines) CHECK(at + 5ms > clock.now());
  }
  CHECK_FALSE(wheel.next());
}

TEST_CASE("a moved or cancelled deadline does not fire at its old time", "[timer]") {
  ManualClock clock;
  TimerWheel wheel(clock.now(), 5ms, 16);
  wheel.schedule(1, clock.now() + 10ms);
  wheel.schedule(2, clock.now() + 10ms);
  wheel.schedule(1, clock.now() + 200ms);
  wheel.cancel(2);
  std::vector<std::uint32_t> due;
  clock.advance(100ms);
  wheel.expire(clock.now(), due);
  CHECK(due.empty());
  clock.advance(100ms);
  wheel.expire(clock.now(), due);
  CHECK(due == std::vector<std::uint32_t>{1});
}

TEST_CASE("the next time of a wheel is never after the earliest deadline", "[timer]") {
  ManualClock clock;
  TimerWheel wheel(clock.now(), 5ms, 16);
  wheel.schedule(7, clock.now() + 1s);
  std::vector<std::uint32_t> due;
  while (due.empty()) {
    REQUIRE(wheel.next());
    CHECK(*wheel.next() <= clock.now() + 1s + 5ms);
    clock.advance_to(*wheel.next());
    wheel.expire(clock.now(), due);
  }
  CHECK(due == std::vector<std::uint32_t>{7});
}
