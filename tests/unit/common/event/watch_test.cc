#include "common/event/watch.h"

#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>
#include <optional>
#include <utility>

#include "common/net/fd.h"

using namespace std::chrono_literals;
using common::Fd;
using common::event::Loop;
using common::event::Ready;
using common::event::Watch;

namespace {

std::pair<Fd, Fd> socket_pair() {
  std::array<int, 2> fds{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds.data()) == 0);
  return {Fd{fds[0]}, Fd{fds[1]}};
}

}  // namespace

TEST_CASE("a watch tells readable and writable as wanted and survives its own end", "[event]") {
  Loop loop;
  auto [near, far] = socket_pair();
  bool readable = false;
  bool writable = false;
  std::optional<Watch> watch;
  watch.emplace(loop, near.get(), [&](Ready ready) {
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

TEST_CASE("a watch that wants nothing, or is gone, hears nothing", "[event]") {
  Loop loop;
  auto [near, far] = socket_pair();
  REQUIRE(::send(far.get(), "x", 1, MSG_NOSIGNAL) == 1);
  int heard = 0;
  std::optional<Watch> watch;
  watch.emplace(loop, near.get(), [&](Ready) { ++heard; });
  SECTION("not asked yet") {}
  SECTION("not any more") {
    watch->want(true, true);
    watch->want(false, false);
  }
  SECTION("gone") {
    watch->want(true, true);
    watch.reset();
  }
  CHECK_FALSE(loop.run_until([&] { return heard > 0; }, 20ms));
}

TEST_CASE("what was not read is told again", "[event]") {
  Loop loop;
  auto [near, far] = socket_pair();
  REQUIRE(::send(far.get(), "x", 1, MSG_NOSIGNAL) == 1);
  int heard = 0;
  Watch watch{loop, near.get(), [&](Ready ready) { heard += ready.read ? 1 : 0; }};
  watch.want(true, false);
  CHECK(loop.run_until([&] { return heard >= 3; }, 2s));
}

TEST_CASE("a connection that its peer has closed is ready for what was wanted", "[event]") {
  Loop loop;
  auto [near, far] = socket_pair();
  far.reset();
  Ready last;
  Watch watch{loop, near.get(), [&](Ready ready) { last = ready; }};
  SECTION("to read") {
    watch.want(true, false);
    CHECK(loop.run_until([&] { return last.read; }, 2s));
    CHECK_FALSE(last.write);
  }
  SECTION("to write") {
    watch.want(false, true);
    CHECK(loop.run_until([&] { return last.write; }, 2s));
    CHECK_FALSE(last.read);
  }
}
