#include "relay/rtp/receive_statistics.h"

#include <catch2/catch.hpp>

#include "common/time/manual_clock.h"
#include "relay/rtp/ssrc.h"

using namespace relay::rtp;
using namespace std::chrono_literals;
using Arrival = SequenceTracker::Arrival;

TEST_CASE("sequence numbers are followed over the wrap", "[rtp][rfc3550]") {
  SequenceTracker tracker;
  for (std::uint32_t i = 65530; i < 65550; ++i) {
    CHECK(tracker.on_sequence(static_cast<std::uint16_t>(i)) == Arrival::InOrder);
    CHECK(tracker.extended_highest() == i);
  }
  CHECK(tracker.expected() == 20);
  CHECK(tracker.lost() == 0);
}

TEST_CASE("loss, reordering and duplicates are told apart", "[rtp]") {
  SequenceTracker tracker;
  tracker.on_sequence(10);
  CHECK(tracker.on_sequence(13) == Arrival::InOrder);
  CHECK(tracker.lost() == 2);
  CHECK(tracker.on_sequence(12) == Arrival::Reordered);
  CHECK(tracker.on_sequence(12) == Arrival::Duplicate);
  CHECK(tracker.on_sequence(13) == Arrival::Duplicate);
  CHECK(tracker.lost() == 1);
  CHECK(tracker.reordered() == 1);
  CHECK(tracker.duplicates() == 2);
  CHECK(tracker.received() == 3);
}

TEST_CASE("a packet from before the wrap is old, not a whole cycle ahead", "[rtp]") {
  SequenceTracker tracker;
  tracker.on_sequence(65534);
  tracker.on_sequence(1);
  CHECK(tracker.on_sequence(65535) == Arrival::Reordered);
  CHECK(tracker.extended_highest() == 65537);
  CHECK(tracker.lost() == 1);
}

TEST_CASE("one stray number is ignored, two in a row are a restart", "[rtp][rfc3550]") {
  SequenceTracker tracker;
  tracker.on_sequence(100);
  CHECK(tracker.on_sequence(30000) == Arrival::Suspicious);
  CHECK(tracker.on_sequence(101) == Arrival::InOrder);
  CHECK(tracker.on_sequence(40000) == Arrival::Suspicious);
  CHECK(tracker.on_sequence(40001) == Arrival::Restarted);
  CHECK(tracker.on_sequence(40002) == Arrival::InOrder);
  CHECK(tracker.restarts() == 1);
  CHECK(tracker.lost() == 0);
}

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
