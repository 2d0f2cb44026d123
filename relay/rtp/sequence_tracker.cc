#include "relay/rtp/sequence_tracker.h"

namespace relay::rtp {
namespace {

constexpr std::uint32_t kMaxDropout = 3000;  // RFC 3550 A.1
constexpr std::uint32_t kMaxMisorder = 100;  // RFC 3550 A.1
constexpr std::uint32_t kCycle = 0x10000;
constexpr std::uint32_t kWindow = 64;

}  // namespace

SequenceTracker::Arrival SequenceTracker::on_sequence(std::uint16_t sequence) noexcept {
  if (!started_) {
    start_at(sequence);
    return Arrival::InOrder;
  }
  const std::uint32_t ahead = static_cast<std::uint16_t>(sequence - highest_);
  if (ahead == 0) {
    ++duplicates_;
    return Arrival::Duplicate;
  }
  if (ahead > kCycle - kMaxMisorder) return on_older(kCycle - ahead);
  if (ahead >= kMaxDropout) return on_distant(sequence);
  if (sequence < highest_) cycles_ += kCycle;
  highest_ = sequence;
  seen_ = (ahead < kWindow ? seen_ << ahead : 0) | 1;
  suspecting_ = false;
  ++received_;
  return Arrival::InOrder;
}

void SequenceTracker::start_at(std::uint16_t sequence) noexcept {
  started_ = true;
  suspecting_ = false;
  highest_ = sequence;
  cycles_ = 0;
  base_ = sequence;
  seen_ = 1;
  received_ = 1;
}

SequenceTracker::Arrival SequenceTracker::on_older(std::uint32_t behind) noexcept {
  if (behind >= kWindow || ((seen_ >> behind) & 1) != 0) {
    ++duplicates_;
    return Arrival::Duplicate;
  }
  seen_ |= std::uint64_t{1} << behind;
  ++received_;
  ++reordered_;
  return Arrival::Reordered;
}

SequenceTracker::Arrival SequenceTracker::on_distant(std::uint16_t sequence) noexcept {
  if (suspecting_ && sequence == suspect_next_) {
    start_at(sequence);
    ++restarts_;
    return Arrival::Restarted;
  }
  suspecting_ = true;
  suspect_next_ = static_cast<std::uint16_t>(sequence + 1);
  return Arrival::Suspicious;
}

}  // namespace relay::rtp
