#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "relay/rtp/ssrc.h"

namespace relay::session {

/// The SSRCs that one leg was sent last, for the BYE at its end. Bounded: of a sender that changes its SSRC without end
/// the oldest are forgotten.
class ForwardedSources {
 public:
  void on_packet(rtp::Ssrc ssrc) noexcept {
    for (std::size_t i = 0; i < count_; ++i) {
      if (sources_[i] == ssrc) return;
    }
    sources_[next_] = ssrc;
    next_ = (next_ + 1) % kMaxSources;
    if (count_ < kMaxSources) ++count_;
  }
  /// In no order.
  std::span<const rtp::Ssrc> all() const noexcept { return {sources_.data(), count_}; }

 private:
  static constexpr std::size_t kMaxSources = 4;

  std::array<rtp::Ssrc, kMaxSources> sources_{};
  std::size_t count_ = 0;
  std::size_t next_ = 0;
};

}  // namespace relay::session
