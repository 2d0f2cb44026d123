#include "common/event/loop.h"

#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <optional>
#include <string>
#include <thread>

#include "common/event/signal.h"
#include "common/event/timer.h"
#include "common/event/watch.h"
#include "common/net/fd.h"

using namespace std::chrono_literals;
using common::Fd;
using common::Instant;
using common::event::Loop;

namespace {

std::pair<Fd, Fd> socket_pair() {
  std::array<int, 2> fds{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()) == 0);
  return {Fd{fds[0]}, Fd{fds[1]}};
}

}  // namespace

TEST_CASE("timers fire in the order of their deadlines and never early", "[event]") {
  Loop loop;
  std::string order;
  const Instant start = loop.now();
  bool early = false;
  common::event::Timer late{loop, [&](Instant now) {
                              order += 'b';
                              early |= now < start + 20ms;
                            }};
  common::event::Timer soon{loop, [&](Instant now) {
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
  common::event::Timer never{loop, [&](Instant) { ++cancelled; }};
  never.schedule(loop.now());
  never.cancel();
  std::optional<common::event::Timer> timer;
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

TEST_CASE("a watch tells readable and writable as wanted and survives its own end", "[event]") {
  Loop loop;
  auto [near, far] = socket_pair();
  bool readable = false;
  bool writable = false;
  std::optional<common::event::Watch> watch;
  watch.emplace(loop, near.get(), [&](common::event::Ready ready) {
    readable |= ready.read;
    writable |= ready.write;
    if (readable) return watch.reset();
    watch->want(true, false);
  });
  watch->want(false, true);
  CHECK(loop.run_until([&] { return writable; }, 2s));
  CHECK_FALSE(readable);
  REQUIRE(::send(far.get(), "x", 1, MSG_NOSIGNAL) == 1);
  CHECK(loop.run_until([&] { return !watch; }, 2s));
  CHECK(readable);
}

TEST_CASE("a process signal arrives as a callback", "[event]") {
  Loop loop;
  int hangups = 0;
  common::event::Signal hangup{loop, SIGHUP, [&] { ++hangups; }};
  REQUIRE(std::raise(SIGHUP) == 0);
  CHECK(loop.run_until([&] { return hangups > 0; }, 2s));
  CHECK(hangups == 1);
}

TEST_CASE("run_until gives up at its limit", "[event]") {
  Loop loop;
  const Instant start = loop.now();
  CHECK_FALSE(loop.run_until([] { return false; }, 10ms));
  CHECK(loop.now() >= start + 10ms);
}
