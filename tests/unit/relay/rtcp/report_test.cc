#include "relay/rtcp/report.h"

#include <catch2/catch.hpp>

#include "common/time/manual_clock.h"

using namespace relay;
using namespace relay::rtcp;
using namespace std::chrono_literals;

namespace {

constexpr NtpTime at_middle(std::uint32_t middle) { return {std::uint64_t{middle} << 16}; }

ReportBlock block_with(std::uint32_t last_sender_report, std::uint32_t delay) {
  ReportBlock block;
  block.last_sender_report = last_sender_report;
  block.delay_since_sender_report = delay;
  return block;
}

}  // namespace

TEST_CASE("the round trip of RFC 3550 figure 2 is 6.125 s", "[rtcp][rfc3550]") {
  CHECK(round_trip(block_with(0xb7052000, 0x00054000), at_middle(0xb7108000)) == 6125ms);
}

TEST_CASE("a round trip is known over the wrap of the middle 32 bits", "[rtcp]") {
  CHECK(round_trip(block_with(0xffff0000, 0x8000), at_middle(0x00008000)) == 1s);
}

TEST_CASE("there is no round trip without a sender report, below zero or above a minute", "[rtcp]") {
  CHECK_FALSE(round_trip(block_with(0, 0), at_middle(1)));
  CHECK(round_trip(block_with(0x10000, 0x10000), at_middle(0x20000)) == 0s);
  CHECK_FALSE(round_trip(block_with(0x10000, 0x10000), at_middle(0x1ffff)));
  CHECK(round_trip(block_with(0x10000, 0), at_middle(61 * 65536)) == 60s);
  CHECK_FALSE(round_trip(block_with(0x10000, 0), at_middle(61 * 65536 + 1)));
}

TEST_CASE("before the first sender report there is none, nor a delay", "[rtcp][rfc3550]") {
  common::ManualClock clock;
  const SenderReportMemory memory;
  CHECK(memory.last_sender_report() == 0);
  CHECK(memory.delay_since(clock.now()) == 0);
}

TEST_CASE("the delay since the last sender report is in units of 1/65536 s and never negative", "[rtcp][rfc3550]") {
  common::ManualClock clock;
  SenderReportMemory memory;
  memory.on_sender_report({0x0000123456780000}, clock.now());
  CHECK(memory.last_sender_report() == 0x12345678);
  CHECK(memory.delay_since(clock.now()) == 0);
  CHECK(memory.delay_since(clock.now() + 1500ms) == 98304);
  CHECK(memory.delay_since(clock.now() + 1h) == 3600u * 65536);
  CHECK(memory.delay_since(clock.now() - 1s) == 0);
  memory.on_sender_report({0x0000aaaabbbb0000}, clock.now() + 10s);
  CHECK(memory.last_sender_report() == 0xaaaabbbb);
  CHECK(memory.delay_since(clock.now() + 11s) == 65536);
}

TEST_CASE("our report says what was received, when the last sender report came, and begins the next interval",
          "[rtcp][rfc3550]") {
  common::ManualClock clock;
  rtp::ReceiveStatistics statistics(8000);
  SenderReportMemory memory;
  for (const std::uint16_t sequence : std::initializer_list<std::uint16_t>{5, 6, 8}) {
    statistics.on_packet(sequence, sequence * 160u, 160, clock.now());
  }
  memory.on_sender_report({0x0000123456780000}, clock.now());
  const ReportBlock first = make_report_block({3}, statistics, memory, clock.now() + 1500ms);
  CHECK(first.ssrc.value == 3);
  CHECK(first.fraction_lost == 64);
  CHECK(first.cumulative_lost == 1);
  CHECK(first.extended_highest_sequence == 8);
  CHECK(first.jitter == statistics.jitter());
  CHECK(first.jitter > 0);
  CHECK(first.last_sender_report == 0x12345678);
  CHECK(first.delay_since_sender_report == 98304);
  const ReportBlock second = make_report_block({3}, statistics, memory, clock.now() + 2s);
  CHECK(second.fraction_lost == 0);
  CHECK(second.cumulative_lost == 1);
}
