#include "relay/rtcp/ntp.h"

namespace relay::rtcp {
namespace {

constexpr std::uint64_t kUnixEpoch = 2'208'988'800;  // seconds from 1900 to 1970

/// Whole seconds and nanoseconds to 32.32 fixed point.
constexpr std::uint64_t fixed_point(std::uint64_t seconds, std::uint64_t nanos) noexcept {
  return (seconds << 32) + (nanos << 32) / 1'000'000'000;
}

}  // namespace

NtpTime to_ntp(common::WallTime wall) noexcept {
  const auto millis = static_cast<std::uint64_t>(wall.time_since_epoch().count());
  return {fixed_point(millis / 1000 + kUnixEpoch, millis % 1000 * 1'000'000)};
}

NtpTime NtpClock::at(common::Instant now) const noexcept {
  const std::int64_t elapsed = (now - instant_).count();
  const auto nanos = static_cast<std::uint64_t>(elapsed < 0 ? -elapsed : elapsed);
  const std::uint64_t distance = fixed_point(nanos / 1'000'000'000, nanos % 1'000'000'000);
  return {elapsed < 0 ? ntp_.value - distance : ntp_.value + distance};
}

}  // namespace relay::rtcp
