#pragma once

#include <cstdint>
#include <optional>

#include "common/time/instant.h"
#include "relay/rtcp/ntp.h"
#include "relay/rtp/receive_statistics.h"
#include "relay/rtp/ssrc.h"

namespace relay::rtcp {

/// Report block, RFC 3550 §6.4.1.
struct ReportBlock {
  rtp::Ssrc ssrc;                  // whose packets it is about
  std::uint8_t fraction_lost = 0;  // of 256
  std::int32_t cumulative_lost = 0;
  std::uint32_t extended_highest_sequence = 0;
  std::uint32_t jitter = 0;                     // ticks
  std::uint32_t last_sender_report = 0;         // middle 32 bits of its NTP time, 0: none yet
  std::uint32_t delay_since_sender_report = 0;  // 1/65536 s
};

/// Sender information of an SR.
struct SenderInfo {
  NtpTime ntp;
  std::uint32_t rtp_timestamp = 0;
  std::uint32_t packet_count = 0;
  std::uint32_t octet_count = 0;
};

/// Remembers the last SR of one source for LSR and DLSR of our reports.
class SenderReportMemory {
 public:
  void on_sender_report(NtpTime ntp, common::Instant now) noexcept {
    last_ = middle(ntp);
    arrived_ = now;
  }
  std::uint32_t last_sender_report() const noexcept { return arrived_ ? last_ : 0; }
  std::uint32_t delay_since(common::Instant now) const noexcept;

 private:
  std::uint32_t last_ = 0;
  std::optional<common::Instant> arrived_;
};

/// Our report on one source; begins the next loss interval of `statistics`.
ReportBlock make_report_block(rtp::Ssrc source, rtp::ReceiveStatistics& statistics, const SenderReportMemory& memory,
                              common::Instant now) noexcept;

/// Round trip time out of a report block about our own stream that arrived at `arrival`, RFC 3550 §6.4.1: A - LSR -
/// DLSR. Nothing without LSR, and nothing for a result below zero or above 60 s (a clock or a peer that lies).
std::optional<common::Duration> round_trip(const ReportBlock& block, NtpTime arrival) noexcept;

}  // namespace relay::rtcp
