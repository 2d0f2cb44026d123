#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/prefetch.h"
#include "relay/rtcp/report.h"
#include "relay/rtp/receive_statistics.h"
#include "relay/session/report.h"

namespace relay::session {

/// What arrived on one leg, by SSRC. Bounded: a peer that changes its SSRC without end overwrites its oldest.
class IngressStreams {
 public:
  struct Stream {
    rtp::Ssrc ssrc;
    std::uint8_t payload_type = 0;
    rtp::ReceiveStatistics statistics{8000};
    rtcp::SenderReportMemory sender_report;
    common::Instant last_packet{};
    std::uint64_t bytes = 0;
  };

  /// Counts one accepted packet. `bytes` is its size on the wire.
  void on_packet(rtp::Ssrc ssrc, std::uint8_t payload_type, std::uint32_t clock_rate, std::uint16_t sequence,
                 std::uint32_t timestamp, std::size_t payload_size, std::size_t bytes, common::Instant now) noexcept;
  /// True if a packet with these would follow closely on what this SSRC has sent.
  bool continues(rtp::Ssrc ssrc, std::uint16_t sequence) const noexcept;
  bool knows(rtp::Ssrc ssrc) const noexcept { return find(ssrc) != nullptr; }
  /// What on_packet() of the first stream will touch, into the cache.
  void prefetch() const noexcept {
    common::prefetch(&count_, sizeof count_);
    common::prefetch(streams_.data(), sizeof(Stream));
  }
  void on_sender_report(rtp::Ssrc ssrc, rtcp::NtpTime ntp, common::Instant now) noexcept;
  void on_round_trip(common::Duration round_trip) noexcept { round_trip_ = round_trip; }

  /// Report blocks about streams that are alive; gives their number.
  std::size_t report_blocks(std::span<rtcp::ReportBlock> out, common::Instant now) noexcept;
  void append_to(std::vector<IngressStream>& report) const;

 private:
  static constexpr std::size_t kMaxStreams = 4;
  const Stream* find(rtp::Ssrc ssrc) const noexcept;
  Stream* find(rtp::Ssrc ssrc) noexcept;
  Stream& open(rtp::Ssrc ssrc, std::uint32_t clock_rate) noexcept;

  std::array<Stream, kMaxStreams> streams_{};
  std::size_t count_ = 0;
  std::optional<common::Duration> round_trip_;
};

}  // namespace relay::session
