#pragma once

#include <cstdint>

#include "common/time/instant.h"
#include "relay/rtp/sequence_tracker.h"

namespace relay::rtp {

/// What a report block says of one interval, RFC 3550 §6.4.1.
struct LossReport {
  std::uint8_t fraction_lost = 0;    // of 256, since the last report
  std::int32_t cumulative_lost = 0;  // 24 bits, clamped
};

/// Receive side of one SSRC: counts, loss (RFC 3550 A.3) and interarrival jitter (A.8).
class ReceiveStatistics {
 public:
  /// `clock_rate` in Hz, that of the timestamps; not 0.
  explicit ReceiveStatistics(std::uint32_t clock_rate) noexcept : clock_rate_(clock_rate) {}

  /// Call for every packet of the SSRC that was accepted (authenticated, well formed).
  SequenceTracker::Arrival on_packet(std::uint16_t sequence, std::uint32_t timestamp, std::size_t payload_size,
                                     common::Instant now) noexcept;

  const SequenceTracker& sequence() const noexcept { return sequence_; }
  std::uint64_t packets() const noexcept { return packets_; }  // duplicates included
  std::uint64_t payload_bytes() const noexcept { return payload_bytes_; }
  std::uint32_t jitter() const noexcept { return jitter_scaled_ >> 4; }  // in ticks of the clock rate
  std::uint32_t clock_rate() const noexcept { return clock_rate_; }

  /// Loss for a report block; begins the next interval.
  LossReport take_loss() noexcept;

 private:
  void update_jitter(std::uint32_t timestamp, common::Instant now) noexcept;

  std::uint32_t clock_rate_;
  SequenceTracker sequence_;
  std::uint64_t packets_ = 0;
  std::uint64_t payload_bytes_ = 0;
  std::uint32_t jitter_scaled_ = 0;  // times 16
  std::uint32_t last_transit_ = 0;
  std::uint32_t last_timestamp_ = 0;
  bool has_transit_ = false;
  std::uint64_t expected_prior_ = 0;
  std::uint64_t received_prior_ = 0;
};

}  // namespace relay::rtp
