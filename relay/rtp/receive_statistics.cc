#include "relay/rtp/receive_statistics.h"

#include <algorithm>

namespace relay::rtp {
namespace {

using Arrival = SequenceTracker::Arrival;

/// Arrival time in ticks of the clock rate; only differences mean anything.
std::uint32_t to_ticks(common::Instant now, std::uint32_t clock_rate) noexcept {
  constexpr std::uint64_t kNanos = 1'000'000'000;
  const auto nanos = static_cast<std::uint64_t>(now.time_since_epoch().count());
  return static_cast<std::uint32_t>(nanos / kNanos * clock_rate + nanos % kNanos * clock_rate / kNanos);
}

constexpr std::int64_t kMaxCumulative = 0x7fffff;  // 24 bits with sign, RFC 3550 §6.4.1

}  // namespace

Arrival ReceiveStatistics::on_packet(std::uint16_t sequence, std::uint32_t timestamp, std::size_t payload_size,
                                     common::Instant now) noexcept {
  const Arrival arrival = sequence_.on_sequence(sequence);
  ++packets_;
  payload_bytes_ += payload_size;
  if (arrival == Arrival::Restarted) {
    expected_prior_ = received_prior_ = 0;
    has_transit_ = false;
  }
  if (arrival != Arrival::Duplicate && arrival != Arrival::Suspicious) update_jitter(timestamp, now);
  return arrival;
}

/// RFC 3550 A.8. Packets that share a timestamp (an event's updates, a frame in pieces) tell nothing of the network.
void ReceiveStatistics::update_jitter(std::uint32_t timestamp, common::Instant now) noexcept {
  const std::uint32_t transit = to_ticks(now, clock_rate_) - timestamp;
  if (has_transit_ && timestamp == last_timestamp_) return;
  const auto change = static_cast<std::int32_t>(transit - last_transit_);
  const std::uint32_t deviation =
      change < 0 ? 0U - static_cast<std::uint32_t>(change) : static_cast<std::uint32_t>(change);
  const bool plausible = deviation < std::uint64_t{clock_rate_} * 10;  // else the sender moved its time line
  if (has_transit_ && plausible) jitter_scaled_ += deviation - ((jitter_scaled_ + 8) >> 4);
  last_transit_ = transit;
  last_timestamp_ = timestamp;
  has_transit_ = true;
}

/// RFC 3550 A.3.
LossReport ReceiveStatistics::take_loss() noexcept {
  const auto expected = static_cast<std::int64_t>(sequence_.expected());
  const auto received = static_cast<std::int64_t>(sequence_.received());
  const std::int64_t expected_interval = expected - static_cast<std::int64_t>(expected_prior_);
  const std::int64_t lost_interval = expected_interval - (received - static_cast<std::int64_t>(received_prior_));
  expected_prior_ = static_cast<std::uint64_t>(expected);
  received_prior_ = static_cast<std::uint64_t>(received);
  LossReport report;
  if (expected_interval > 0 && lost_interval > 0) {
    report.fraction_lost =
        static_cast<std::uint8_t>(std::min<std::int64_t>(255, lost_interval * 256 / expected_interval));
  }
  report.cumulative_lost =
      static_cast<std::int32_t>(std::clamp(expected - received, -kMaxCumulative - 1, kMaxCumulative));
  return report;
}

}  // namespace relay::rtp
