#include "proxy/auth/nonce_counts.h"

#include <catch2/catch.hpp>

using namespace proxy::auth;
using namespace std::chrono_literals;

namespace {
constexpr common::WallTime kStart{1'700'000'000'000ms};
}  // namespace

TEST_CASE("every count works once and only upwards, for each nonce of its own", "[auth][rfc7616]") {
  NonceCounts counts{10};
  CHECK(counts.use("a", kStart, 1));
  CHECK_FALSE(counts.use("a", kStart, 1));
  CHECK(counts.use("a", kStart, 5));
  CHECK_FALSE(counts.use("a", kStart, 4));
  CHECK(counts.use("b", kStart, 4));
  CHECK(counts.use("a", kStart, 0xffffffff));
  CHECK_FALSE(counts.use("a", kStart, 0xffffffff));
}

TEST_CASE("counting starts at one", "[auth][rfc7616]") {
  NonceCounts counts{10};
  CHECK_FALSE(counts.use("a", kStart, 0));
  CHECK(counts.size() == 0);
}

TEST_CASE("forgetting nonce counts under pressure never opens a replay", "[auth]") {
  NonceCounts counts{2};
  CHECK(counts.use("a", kStart, 1));
  CHECK(counts.use("b", kStart + 1s, 1));
  CHECK(counts.use("c", kStart + 2s, 1));
  CHECK(counts.size() == 2);
  CHECK_FALSE(counts.use("a", kStart, 1));
  CHECK_FALSE(counts.use("a", kStart, 2));
  CHECK_FALSE(counts.use("b", kStart + 1s, 1));
  CHECK(counts.use("b", kStart + 1s, 2));
  counts.forget_before(kStart + 10s);
  CHECK(counts.size() == 0);
}

TEST_CASE("of nonces of one moment none is used again when one of them is forgotten", "[auth]") {
  NonceCounts counts{2};
  CHECK(counts.use("a", kStart, 1));
  CHECK(counts.use("b", kStart, 1));
  CHECK(counts.use("c", kStart + 1s, 1));
  CHECK(counts.size() == 1);
  CHECK_FALSE(counts.use("a", kStart, 2));
  CHECK_FALSE(counts.use("b", kStart, 2));
  CHECK_FALSE(counts.use("d", kStart, 1));
}

TEST_CASE("a nonce older than everything that is remembered finds no room", "[auth]") {
  NonceCounts counts{2};
  CHECK(counts.use("b", kStart + 1s, 1));
  CHECK(counts.use("c", kStart + 2s, 1));
  CHECK_FALSE(counts.use("a", kStart, 1));
}

TEST_CASE("expired nonces make room without a loss to the others", "[auth]") {
  NonceCounts counts{10};
  CHECK(counts.use("a", kStart, 1));
  CHECK(counts.use("b", kStart + 1s, 1));
  counts.forget_before(kStart + 1s);
  CHECK(counts.size() == 1);
  CHECK_FALSE(counts.use("b", kStart + 1s, 1));
  CHECK(counts.use("b", kStart + 1s, 2));
}
