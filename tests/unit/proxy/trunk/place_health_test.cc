#include "proxy/trunk/place_health.h"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using proxy::trunk::HealthPolicy;
using proxy::trunk::PlaceHealth;
using State = PlaceHealth::State;
using Cause = PlaceHealth::Cause;

namespace {

constexpr common::Instant kStart{1000s};

HealthPolicy probed() {
  HealthPolicy policy;
  policy.probe_interval = 10s;
  return policy;
}

void fail(PlaceHealth& health, int calls, common::Instant now) {
  for (int i = 0; i < calls; ++i) health.on_failure(now);
}

}  // namespace

TEST_CASE("a place is up until it is proven otherwise", "[trunk][health]") {
  PlaceHealth health{{}, kStart};
  fail(health, 9, kStart);
  CHECK(health.admits(0.99, kStart));
  health.on_failure(kStart);
  CHECK_FALSE(health.admits(0.0, kStart));
  CHECK(health.cause() == Cause::Failures);
}

TEST_CASE("a share of failed calls within the limit takes nothing down", "[trunk][health]") {
  PlaceHealth health{{}, kStart};
  for (int i = 0; i < 50; ++i) {
    health.on_success(1s, kStart);
    health.on_failure(kStart);
  }
  CHECK(health.state(kStart) == State::Up);
  health.on_failure(kStart);
  CHECK(health.state(kStart) == State::Down);
}

TEST_CASE("failures of long ago are not held against it", "[trunk][health]") {
  PlaceHealth health{{}, kStart};
  fail(health, 9, kStart);
  fail(health, 9, kStart + 60s);
  CHECK(health.state(kStart + 60s) == State::Up);
}

TEST_CASE("after its rest a place takes a growing share of the calls", "[trunk][health]") {
  PlaceHealth health{{}, kStart};
  fail(health, 10, kStart);
  CHECK_FALSE(health.admits(0.0, kStart + 29s));
  CHECK(health.admits(0.05, kStart + 30s));
  CHECK_FALSE(health.admits(0.2, kStart + 30s));
  CHECK(health.admits(0.4, kStart + 45s));
  CHECK_FALSE(health.admits(0.6, kStart + 45s));
  CHECK(health.admits(0.99, kStart + 60s));
  CHECK(health.state(kStart + 60s) == State::Up);
  CHECK(health.cause() == Cause::None);
}

TEST_CASE("who fails again on the ramp rests twice as long, up to a limit", "[trunk][health]") {
  PlaceHealth health{{}, kStart};
  fail(health, 10, kStart);
  common::Instant now = kStart + 30s;
  for (const auto rest : {60s, 120s, 240s, 300s, 300s}) {
    REQUIRE(health.state(now) == State::Ramping);
    health.on_failure(now);
    CHECK(health.state(now + rest - 1s) == State::Down);
    now += rest;
  }
  CHECK(health.state(now + 30s) == State::Up);
  fail(health, 10, now + 31s);
  CHECK(health.state(now + 61s) == State::Ramping);
}

TEST_CASE("a mean delay over the limit takes a place down", "[trunk][health]") {
  HealthPolicy policy;
  policy.max_delay = 3s;
  PlaceHealth health{policy, kStart};
  for (int i = 0; i < 20; ++i) health.on_success(3s, kStart);
  CHECK(health.state(kStart) == State::Up);
  health.on_success(4s, kStart);
  CHECK(health.state(kStart) == State::Down);
  CHECK(health.cause() == Cause::Delay);
}

TEST_CASE("unanswered probes in a row take it down, answered ones in a row bring it back", "[trunk][health]") {
  PlaceHealth health{probed(), kStart};
  health.on_probe(false, kStart);
  health.on_probe(false, kStart + 10s);
  health.on_probe(true, kStart + 20s);
  health.on_probe(false, kStart + 30s);
  health.on_probe(false, kStart + 40s);
  CHECK(health.state(kStart + 40s) == State::Up);
  health.on_probe(false, kStart + 50s);
  CHECK(health.state(kStart + 50s) == State::Down);
  CHECK(health.cause() == Cause::Probes);
  CHECK(health.state(kStart + 3600s) == State::Down);
  health.on_probe(true, kStart + 3600s);
  health.on_probe(false, kStart + 3610s);
  health.on_probe(true, kStart + 3620s);
  CHECK(health.state(kStart + 3620s) == State::Down);
  health.on_probe(true, kStart + 3630s);
  CHECK(health.state(kStart + 3630s) == State::Ramping);
}

TEST_CASE("answered probes do not end a rest that calls have earned", "[trunk][health]") {
  PlaceHealth health{probed(), kStart};
  fail(health, 10, kStart);
  for (int i = 1; i < 5; ++i) health.on_probe(true, kStart + i * 1s);
  CHECK(health.state(kStart + 29s) == State::Down);
  CHECK(health.state(kStart + 30s) == State::Ramping);
}

TEST_CASE("Retry-After is obeyed up to the longest rest", "[trunk][health]") {
  PlaceHealth health{{}, kStart};
  health.on_retry_after(20s, kStart);
  CHECK(health.state(kStart + 19s) == State::Down);
  CHECK(health.cause() == Cause::RetryAfter);
  CHECK(health.state(kStart + 20s) == State::Ramping);
  health.on_retry_after(24h, kStart + 21s);
  CHECK(health.state(kStart + 320s) == State::Down);
  CHECK(health.state(kStart + 322s) == State::Ramping);
}

TEST_CASE("Retry-After ends no longer rest, and a shorter one is made longer", "[trunk][health]") {
  PlaceHealth health{{}, kStart};
  fail(health, 10, kStart);
  health.on_retry_after(1s, kStart);
  CHECK(health.cause() == Cause::Failures);
  CHECK(health.state(kStart + 29s) == State::Down);
  health.on_retry_after(60s, kStart);
  CHECK(health.cause() == Cause::RetryAfter);
  CHECK(health.state(kStart + 59s) == State::Down);
  CHECK(health.state(kStart + 60s) == State::Ramping);
}

TEST_CASE("what calls of before say during a rest is not held against the ramp", "[trunk][health]") {
  PlaceHealth health{{}, kStart};
  fail(health, 10, kStart);
  fail(health, 5, kStart + 29s);
  REQUIRE(health.state(kStart + 30s) == State::Ramping);
  health.on_success(1s, kStart + 31s);
  CHECK(health.state(kStart + 31s) == State::Ramping);
}

TEST_CASE("no rest is longer than the longest", "[trunk][health]") {
  HealthPolicy policy;
  policy.rest = 10min;
  PlaceHealth health{policy, kStart};
  fail(health, 10, kStart);
  CHECK(health.state(kStart + 5min) == State::Ramping);
}

TEST_CASE("who is no longer probed comes back by itself", "[trunk][health]") {
  PlaceHealth health{probed(), kStart};
  for (int i = 0; i < 3; ++i) health.on_probe(false, kStart);
  REQUIRE(health.state(kStart + 600s) == State::Down);
  health.use({});
  CHECK(health.state(kStart + 600s) == State::Up);
}
