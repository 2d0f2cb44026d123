#include "relay/rtcp/report.h"

namespace relay::rtcp {
namespace {

constexpr std::int64_t kUnitsPerSecond = 65536;  // of LSR and DLSR
constexpr std::int64_t kLongestRoundTrip = 60 * kUnitsPerSecond;

}  // namespace

std::uint32_t SenderReportMemory::delay_since(common::Instant now) const noexcept {
  if (!arrived_ || now < *arrived_) return 0;
  const std::int64_t nanos = (now - *arrived_).count();
  const std::int64_t units =
      nanos / 1'000'000'000 * kUnitsPerSecond + nanos % 1'000'000'000 * kUnitsPerSecond / 1'000'000'000;
  return static_cast<std::uint32_t>(units);
}

ReportBlock make_report_block(rtp::Ssrc source, rtp::ReceiveStatistics& statistics, const SenderReportMemory& memory,
                              common::Instant now) noexcept {
  const rtp::LossReport loss = statistics.take_loss();
  return {.ssrc = source,
          .fraction_lost = loss.fraction_lost,
          .cumulative_lost = loss.cumulative_lost,
          .extended_highest_sequence = statistics.sequence().extended_highest(),
          .jitter = statistics.jitter(),
          .last_sender_report = memory.last_sender_report(),
          .delay_since_sender_report = memory.delay_since(now)};
}

std::optional<common::Duration> round_trip(const ReportBlock& block, NtpTime arrival) noexcept {
  if (block.last_sender_report == 0) return std::nullopt;
  const auto units =
      static_cast<std::int32_t>(middle(arrival) - block.last_sender_report - block.delay_since_sender_report);
  if (units < 0 || units > kLongestRoundTrip) return std::nullopt;
  return common::Duration{std::int64_t{units} * 1'000'000'000 / kUnitsPerSecond};
}

}  // namespace relay::rtcp
