#include "relay/rtcp/ntp.h"

#include <catch2/catch.hpp>

#include "common/time/manual_clock.h"

using namespace relay::rtcp;
using namespace std::chrono_literals;
using common::WallTime;

TEST_CASE("NTP time counts seconds from 1900 and their fractions in 32 bits", "[rtcp][rfc3550]") {
  CHECK(to_ntp(WallTime{}).value == 2'208'988'800ULL << 32);
  CHECK(to_ntp(WallTime{500ms}).value == (2'208'988'800ULL << 32 | 0x80000000));
  CHECK(to_ntp(WallTime{1'700'000'000'250ms}).value == (3'908'988'800ULL << 32 | 0x40000000));
}

TEST_CASE("NTP time begins again at zero in 2036", "[rtcp][rfc5905]") {
  const WallTime rollover{std::chrono::sys_days{std::chrono::year{2036} / 2 / 7} + 6h + 28min + 16s};
  CHECK(to_ntp(rollover).value == 0);
  CHECK(to_ntp(rollover - 1s).value >> 32 == 0xffffffff);
}

TEST_CASE("the middle of an NTP time is the low half of the seconds and the high half of the fraction",
          "[rtcp][rfc3550]") {
  CHECK(middle({0x0123456789abcdef}) == 0x456789ab);
}

TEST_CASE("NTP time follows the monotonic clock from one reading of the wall clock", "[rtcp]") {
  common::ManualClock clock;
  const NtpClock ntp(clock.now(), WallTime{1'700'000'000'500ms});
  const std::uint64_t begin = to_ntp(WallTime{1'700'000'000'500ms}).value;
  CHECK(ntp.at(clock.now()).value == begin);
  CHECK(ntp.at(clock.now() + 750ms).value == begin + 0xc0000000);
  CHECK(ntp.at(clock.now() - 250ms).value == begin - 0x40000000);
  CHECK(ntp.at(clock.now() + 24h).value == begin + (86400ULL << 32));
  CHECK(ntp.at(clock.now() + 1ns).value == begin + 4);  // 2^-32 s is 0.23 ns
}
