#include "relay/rtp/receive_statistics.h"

#include <catch2/catch.hpp>

#include "common/time/manual_clock.h"

using namespace relay::rtp;
using namespace std::chrono_literals;

TEST_CASE("fraction lost is of the interval, cumulative loss of all", "[rtp][rfc3550]") {
  common::ManualClock clock;
  ReceiveStatistics statistics(8000);
  for (std::uint16_t i = 0; i < 100; ++i) {
    if (i % 4 != 1) statistics.on_packet(i, i * 160U, 160, clock.now());
  }
  const LossReport first = statistics.take_loss();
  CHECK(first.fraction_lost == 64);
  CHECK(first.cumulative_lost == 25);
  for (std::uint16_t i = 100; i < 200; ++i) statistics.on_packet(i, i * 160U, 160, clock.now());
  const LossReport second = statistics.take_loss();
  CHECK(second.fraction_lost == 0);
  CHECK(second.cumulative_lost == 25);
  CHECK(statistics.payload_bytes() == 175 * 160);
}

TEST_CASE("jitter is zero for an even stream and converges to the deviation of an uneven one", "[rtp][rfc3550]") {
  common::ManualClock clock;
  ReceiveStatistics even(8000);
  ReceiveStatistics uneven(8000);
  for (std::uint16_t i = 0; i < 500; ++i) {
    even.on_packet(i, i * 160U, 160, clock.now());
    uneven.on_packet(i, i * 160U, 160, clock.now() + (i % 2 == 0 ? 0ms : 5ms));
    clock.advance(20ms);
  }
  CHECK(even.jitter() == 0);
  CHECK(uneven.jitter() >= 38);  // every transit differs from the last by 5 ms: 40 ticks
  CHECK(uneven.jitter() <= 40);
}

TEST_CASE("a time line moved by the sender does not count as jitter", "[rtp]") {
  common::ManualClock clock;
  ReceiveStatistics statistics(8000);
  for (std::uint16_t i = 0; i < 100; ++i) {
    statistics.on_packet(i, i * 160U + (i < 50 ? 0 : 0x40000000U), 160, clock.now());
    clock.advance(20ms);
  }
  CHECK(statistics.jitter() == 0);
}
