#include "common/event/loop.h"

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <thread>

using namespace std::chrono_literals;
using common::Instant;
using common::event::Loop;

TEST_CASE("everything in one cycle sees the same time, and later cycles a later one", "[event]") {
  Loop loop;
  std::array<Instant, 3> seen{};
  loop.post([&] { seen[0] = loop.now(); });
  loop.post([&] {
    std::this_thread::sleep_for(2ms);
    seen[1] = loop.now();
    loop.post([&] { seen[2] = loop.now(); });
  });
  CHECK(loop.run_until([&] { return seen[2] != Instant{}; }, 2s));
  CHECK(seen[0] == seen[1]);
  CHECK(seen[2] >= seen[1] + 2ms);
}

TEST_CASE("tasks posted by another thread run on the loop's thread in order", "[event]") {
  Loop loop;
  std::string order;
  std::thread::id ran_on;
  std::thread poster{[&] {
    for (char c = 'a'; c <= 'e'; ++c) loop.post([&order, c] { order += c; });
    loop.post([&] { ran_on = std::this_thread::get_id(); });
    loop.stop();
  }};
  loop.run();
  poster.join();
  CHECK(order == "abcde");
  CHECK(ran_on == std::this_thread::get_id());
}

TEST_CASE("a deferred task runs after its caller has returned", "[event]") {
  Loop loop;
  std::string order;
  loop.post([&] {
    loop.defer([&] { order += 'b'; });
    order += 'a';
  });
  CHECK(loop.run_until([&] { return order.size() == 2; }, 2s));
  CHECK(order == "ab");
}

TEST_CASE("run_until gives up at its limit", "[event]") {
  Loop loop;
  const Instant start = loop.now();
  CHECK_FALSE(loop.run_until([] { return false; }, 10ms));
  CHECK(loop.now() >= start + 10ms);
}
