#include "common/net/fd.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <utility>

using common::Fd;

namespace {

int new_descriptor() {
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  REQUIRE(fd >= 0);
  return fd;
}

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }

}  // namespace

TEST_CASE("a descriptor is closed with its owner", "[fd]") {
  const int fd = new_descriptor();
  {
    const Fd owner{fd};
    CHECK(owner);
    CHECK(owner.get() == fd);
    CHECK(is_open(fd));
  }
  CHECK_FALSE(is_open(fd));
}

TEST_CASE("a moved descriptor has one owner, which closes what it held before", "[fd]") {
  const int first = new_descriptor();
  const int second = new_descriptor();
  Fd owner{first};
  Fd giver{second};
  owner = std::move(giver);
  CHECK_FALSE(giver);
  CHECK_FALSE(is_open(first));
  CHECK(owner.get() == second);
  CHECK(is_open(second));
  const Fd last{std::move(owner)};
  CHECK_FALSE(owner);
  CHECK(last.get() == second);
}

TEST_CASE("a descriptor survives being moved to where it is", "[fd]") {
  const int fd = new_descriptor();
  Fd owner{fd};
  Fd& same = owner;
  owner = std::move(same);
  CHECK(owner.get() == fd);
  CHECK(is_open(fd));
}

TEST_CASE("a released descriptor is left open, a reset one is not, and nothing is closed twice", "[fd]") {
  Fd owner{new_descriptor()};
  const int released = owner.release();
  CHECK_FALSE(owner);
  CHECK(is_open(released));
  owner.reset();
  CHECK(is_open(released));
  owner = Fd{released};
  owner.reset();
  CHECK_FALSE(is_open(released));
  const int next = new_descriptor();  // bears the number that was just closed
  owner.reset();
  CHECK(is_open(next));
  ::close(next);
}

TEST_CASE("a process may have as many descriptors as the system allows it", "[fd]") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const rlimit lowered{.rlim_cur = before.rlim_max / 2, .rlim_max = before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &lowered) == 0);
  common::raise_descriptor_limit();
  rlimit after{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &after) == 0);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  CHECK(after.rlim_cur == before.rlim_max);
}
