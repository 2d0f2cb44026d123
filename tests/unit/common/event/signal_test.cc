#include "common/event/signal.h"

#include <catch2/catch.hpp>
#include <csignal>

using namespace std::chrono_literals;
using common::event::Loop;
using common::event::Signal;

namespace {
volatile std::sig_atomic_t former_handler_ran = 0;
}  // namespace

TEST_CASE("a process signal arrives as a callback", "[event]") {
  Loop loop;
  int hangups = 0;
  Signal hangup{loop, SIGHUP, [&] { ++hangups; }};
  REQUIRE(std::raise(SIGHUP) == 0);
  CHECK(loop.run_until([&] { return hangups > 0; }, 2s));
  CHECK(hangups == 1);
}

TEST_CASE("signals are told apart", "[event]") {
  Loop loop;
  int hangups = 0;
  int terminations = 0;
  Signal hangup{loop, SIGHUP, [&] { ++hangups; }};
  Signal termination{loop, SIGTERM, [&] { ++terminations; }};
  REQUIRE(std::raise(SIGTERM) == 0);
  CHECK(loop.run_until([&] { return terminations > 0; }, 2s));
  CHECK(hangups == 0);
}

TEST_CASE("a signal that nobody watches any more goes where it went before", "[event]") {
  Loop loop;
  former_handler_ran = 0;
  const auto before = std::signal(SIGUSR2, [](int) { former_handler_ran = 1; });
  int watched = 0;
  {
    Signal watch{loop, SIGUSR2, [&] { ++watched; }};
    REQUIRE(std::raise(SIGUSR2) == 0);
    CHECK(loop.run_until([&] { return watched > 0; }, 2s));
    CHECK(former_handler_ran == 0);
  }
  REQUIRE(std::raise(SIGUSR2) == 0);
  loop.run_until([] { return false; }, 10ms);
  std::signal(SIGUSR2, before);
  CHECK(former_handler_ran == 1);
  CHECK(watched == 1);
}
