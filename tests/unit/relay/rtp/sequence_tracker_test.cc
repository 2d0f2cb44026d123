#include "relay/rtp/sequence_tracker.h"

#include <catch2/catch.hpp>

using namespace relay::rtp;
using Arrival = SequenceTracker::Arrival;

TEST_CASE("nothing is expected before the first packet", "[rtp]") {
  const SequenceTracker tracker;
  CHECK_FALSE(tracker.started());
  CHECK(tracker.expected() == 0);
  CHECK(tracker.lost() == 0);
}

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

TEST_CASE("a packet that came in order is a duplicate when it comes again, whatever came meanwhile", "[rtp]") {
  SequenceTracker tracker;
  for (const std::uint16_t sequence : std::initializer_list<std::uint16_t>{10, 11, 13, 12, 14}) {
    CHECK(tracker.on_sequence(sequence) != Arrival::Duplicate);
  }
  for (std::uint16_t sequence = 10; sequence <= 14; ++sequence) {
    CHECK(tracker.on_sequence(sequence) == Arrival::Duplicate);
  }
  CHECK(tracker.received() == 5);
  CHECK(tracker.duplicates() == 5);
}

TEST_CASE("a packet from before the wrap is old, not a whole cycle ahead", "[rtp]") {
  SequenceTracker tracker;
  tracker.on_sequence(65534);
  tracker.on_sequence(1);
  CHECK(tracker.on_sequence(65535) == Arrival::Reordered);
  CHECK(tracker.extended_highest() == 65537);
  CHECK(tracker.lost() == 1);
}

TEST_CASE("what is older than the window of 64 counts as a duplicate", "[rtp]") {
  SequenceTracker tracker;
  tracker.on_sequence(1000);
  tracker.on_sequence(1100);
  CHECK(tracker.on_sequence(1100 - 63) == Arrival::Reordered);
  CHECK(tracker.on_sequence(1100 - 64) == Arrival::Duplicate);
  CHECK(tracker.received() == 3);
}

TEST_CASE("behind a hole as long as the window every missing packet may still come", "[rtp]") {
  SequenceTracker tracker;
  tracker.on_sequence(0);
  CHECK(tracker.on_sequence(64) == Arrival::InOrder);
  for (std::uint16_t missing = 1; missing < 64; ++missing) CHECK(tracker.on_sequence(missing) == Arrival::Reordered);
  CHECK(tracker.lost() == 0);
}

TEST_CASE("jumps begin at 3000 ahead and at 100 behind", "[rtp][rfc3550]") {
  const auto arrival_after_5000 = [](std::uint16_t sequence) {
    SequenceTracker tracker;
    tracker.on_sequence(5000);
    return tracker.on_sequence(sequence);
  };
  CHECK(arrival_after_5000(5000 + 2999) == Arrival::InOrder);
  CHECK(arrival_after_5000(5000 + 3000) == Arrival::Suspicious);
  CHECK(arrival_after_5000(5000 - 99) == Arrival::Duplicate);
  CHECK(arrival_after_5000(5000 - 100) == Arrival::Suspicious);
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
  CHECK(tracker.received() == 2);
}

TEST_CASE("a stray number that the stream has gone on after starts no restart any more", "[rtp]") {
  SequenceTracker tracker;
  tracker.on_sequence(100);
  tracker.on_sequence(30000);
  tracker.on_sequence(101);
  CHECK(tracker.on_sequence(30001) == Arrival::Suspicious);
  CHECK(tracker.restarts() == 0);
}

TEST_CASE("a restart may happen over the wrap", "[rtp]") {
  SequenceTracker tracker;
  tracker.on_sequence(30000);
  CHECK(tracker.on_sequence(65535) == Arrival::Suspicious);
  CHECK(tracker.on_sequence(0) == Arrival::Restarted);
  CHECK(tracker.extended_highest() == 0);
}
