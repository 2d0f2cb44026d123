#include "common/event/timer.h"

#include <catch2/catch.hpp>
#include <optional>
#include <string>

using namespace std::chrono_literals;
using common::Instant;
using common::event::Loop;
using common::event::Timer;

TEST_CASE("timers fire in the order of their deadlines and never early", "[event]") {
  Loop loop;
  std::string order;
  const Instant start = loop.now();
  bool early = false;
  Timer late{loop, [&](Instant now) {
               order += 'b';
               early |= now < start + 20ms;
             }};
  Timer soon{loop, [&](Instant now) {
               order += 'a';
               early |= now < start + 5ms;
             }};
  late.schedule(start + 20ms);
  soon.schedule(start + 5ms);
  CHECK(loop.run_until([&] { return order.size() == 2; }, 2s));
  CHECK(order == "ab");
  CHECK_FALSE(early);
}

TEST_CASE("a timer may be moved, cancelled, rescheduled and destroyed from its own callback", "[event]") {
  Loop loop;
  int cancelled = 0;
  int fired = 0;
  Timer never{loop, [&](Instant) { ++cancelled; }};
  never.schedule(loop.now());
  never.cancel();
  std::optional<Timer> timer;
  timer.emplace(loop, [&](Instant now) {
    if (++fired < 3) return timer->schedule(now);
    timer.reset();
  });
  timer->schedule(loop.now() + 1h);
  timer->schedule(loop.now());
  CHECK(loop.run_until([&] { return !timer; }, 2s));
  CHECK(fired == 3);
  CHECK(cancelled == 0);
}

TEST_CASE("a timer that was moved on does not fire at its old deadline", "[event]") {
  Loop loop;
  int fired = 0;
  Timer moved{loop, [&](Instant) { ++fired; }};
  moved.schedule(loop.now() + 5ms);
  moved.schedule(loop.now() + 1h);
  CHECK_FALSE(loop.run_until([&] { return fired > 0; }, 30ms));
}

TEST_CASE("a timer that is gone never fires", "[event]") {
  Loop loop;
  int fired = 0;
  {
    Timer gone{loop, [&](Instant) { ++fired; }};
    gone.schedule(loop.now());
  }
  CHECK_FALSE(loop.run_until([&] { return fired > 0; }, 30ms));
}

TEST_CASE("a deadline that has passed fires in the next cycle, once", "[event]") {
  Loop loop;
  int fired = 0;
  Timer late{loop, [&](Instant) { ++fired; }};
  late.schedule(loop.now() - 1h);
  CHECK(fired == 0);
  CHECK(loop.run_until([&] { return fired > 0; }, 2s));
  loop.run_until([] { return false; }, 20ms);
  CHECK(fired == 1);
}
