#include "common/time/timer_queue.h"

#include <catch2/catch.hpp>

#include "common/time/manual_clock.h"

using namespace common;
using namespace std::chrono_literals;

TEST_CASE("a queue gives due ids in order and forgets them", "[timer]") {
  ManualClock clock;
  TimerQueue<int> queue;
  queue.schedule(1, clock.now() + 2s);
  queue.schedule(2, clock.now() + 1s);
  queue.schedule(3, clock.now() + 3s);
  CHECK(queue.next() == clock.now() + 1s);
  clock.advance(2s);
  CHECK(queue.expire(clock.now()) == std::vector<int>{2, 1});
  CHECK(queue.size() == 1);
}

TEST_CASE("an id has one deadline: the one it was given last", "[timer]") {
  ManualClock clock;
  TimerQueue<int> queue;
  queue.schedule(1, clock.now() + 1s);
  queue.schedule(1, clock.now() + 3s);
  queue.schedule(2, clock.now() + 2s);
  CHECK(queue.size() == 2);
  CHECK(queue.next() == clock.now() + 2s);
  queue.schedule(1, clock.now());
  CHECK(queue.expire(clock.now()) == std::vector<int>{1});
  clock.advance(5s);
  CHECK(queue.expire(clock.now()) == std::vector<int>{2});
}

TEST_CASE("a cancelled id is never due, and cancelling what is not there is nothing", "[timer]") {
  ManualClock clock;
  TimerQueue<int> queue;
  queue.schedule(1, clock.now() + 1s);
  queue.cancel(1);
  queue.cancel(1);
  CHECK_FALSE(queue.next());
  clock.advance(2s);
  CHECK(queue.expire(clock.now()).empty());
}

TEST_CASE("a deadline is due at its time and not before", "[timer]") {
  ManualClock clock;
  TimerQueue<int> queue;
  queue.schedule(1, clock.now() + 1s);
  CHECK(queue.expire(clock.now() + 1s - 1ns).empty());
  CHECK(queue.expire(clock.now() + 1s) == std::vector<int>{1});
}
