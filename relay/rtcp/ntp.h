#pragma once

#include <cstdint>

#include "common/base/strong.h"
#include "common/time/instant.h"

namespace relay::rtcp {

/// 32.32 fixed point seconds since 1900, RFC 3550 §4.
using NtpTime = common::Strong<struct NtpTimeTag, std::uint64_t>;

/// The middle 32 bits: what LSR carries, in units of 1/65536 s.
constexpr std::uint32_t middle(NtpTime time) noexcept { return static_cast<std::uint32_t>(time.value >> 16); }

NtpTime to_ntp(common::WallTime wall) noexcept;

/// Translates monotonic time to NTP time after one reading of both clocks, handed in by the shell. Later steps of the
/// wall clock do not reach RTCP: receivers compare sender reports with each other.
class NtpClock {
 public:
  NtpClock(common::Instant instant, common::WallTime wall) noexcept : instant_(instant), ntp_(to_ntp(wall)) {}
  NtpTime at(common::Instant now) const noexcept;

 private:
  common::Instant instant_;
  NtpTime ntp_;
};

}  // namespace relay::rtcp
