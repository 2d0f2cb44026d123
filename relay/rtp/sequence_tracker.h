#pragma once

#include <cstdint>

namespace relay::rtp {

/// Follows the sequence numbers of one SSRC, RFC 3550 A.1, without its probation: a stream counts from its first
/// packet, since the leg has already decided whom to believe.
class SequenceTracker {
 public:
  enum class Arrival : std::uint8_t {
    InOrder,     // newest so far, with or without a hole before it
    Reordered,   // older than the newest, first time seen
    Duplicate,   // seen before, or too old to tell (64 or more behind)
    Suspicious,  // far from everything so far: ignored unless the next one continues it
    Restarted,   // the sender began anew; counting started over
  };

  Arrival on_sequence(std::uint16_t sequence) noexcept;

  bool started() const noexcept { return started_; }
  /// Highest sequence number with the number of wraps above it.
  std::uint32_t extended_highest() const noexcept { return cycles_ + highest_; }
  /// Packets since the first (or the restart), lost ones included.
  std::uint64_t expected() const noexcept { return started_ ? std::uint64_t{extended_highest()} - base_ + 1 : 0; }
  /// Packets that arrived, each counted once.
  std::uint64_t received() const noexcept { return received_; }
  std::uint64_t lost() const noexcept { return expected() > received_ ? expected() - received_ : 0; }
  std::uint64_t duplicates() const noexcept { return duplicates_; }
  std::uint64_t reordered() const noexcept { return reordered_; }
  std::uint32_t restarts() const noexcept { return restarts_; }

 private:
  void start_at(std::uint16_t sequence) noexcept;
  Arrival on_older(std::uint32_t behind) noexcept;
  Arrival on_distant(std::uint16_t sequence) noexcept;

  bool started_ = false;
  bool suspecting_ = false;
  std::uint16_t highest_ = 0;
  std::uint16_t suspect_next_ = 0;
  std::uint32_t cycles_ = 0;
  std::uint32_t base_ = 0;
  std::uint64_t seen_ = 0;  // bit n: highest - n has arrived
  std::uint64_t received_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t reordered_ = 0;
  std::uint32_t restarts_ = 0;
};

}  // namespace relay::rtp
