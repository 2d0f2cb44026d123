#include "relay/codec/waveform_concealment.h"

#include <algorithm>
#include <cmath>

namespace relay::codec {

void WaveformConcealment::on_good(MutablePcm pcm) noexcept {
  if (period_ != 0) {
    const std::size_t blended = std::min(kBlend, pcm.size());
    for (std::size_t i = 0; i < blended; ++i) {
      const int old_part = next_sample() * static_cast<int>(blended - i);
      const int new_part = pcm[i] * static_cast<int>(i);
      pcm[i] = static_cast<std::int16_t>((old_part + new_part) / static_cast<int>(blended));
    }
    period_ = 0;
  }
  remember(pcm);
}

void WaveformConcealment::conceal(MutablePcm out) noexcept {
  if (period_ == 0) {
    period_ = find_period();
    position_ = 0;
  }
  for (std::int16_t& sample : out) sample = next_sample();
}

/// The lag at which the last 20 ms resemble what went before them most.
std::size_t WaveformConcealment::find_period() const noexcept {
  std::size_t best = kShortestPeriod;
  float best_score = -1;
  const std::int16_t* recent = history_.data() + kLongestPeriod;
  for (std::size_t lag = kShortestPeriod; lag <= kLongestPeriod; ++lag) {
    float product = 0;
    float energy = 1;
    for (std::size_t i = 0; i < kWindow; ++i) {
      const float past = recent[static_cast<std::ptrdiff_t>(i) - static_cast<std::ptrdiff_t>(lag)];
      product += past * static_cast<float>(recent[i]);
      energy += past * past;
    }
    const float score = product / std::sqrt(energy);
    if (score > best_score) {
      best_score = score;
      best = lag;
    }
  }
  return best;
}

std::int16_t WaveformConcealment::next_sample() noexcept {
  if (position_ >= kFade) return 0;
  const int level = static_cast<int>(kFade - position_);
  const int sample = history_[kHistory - period_ + position_ % period_];
  ++position_;
  return static_cast<std::int16_t>(sample * level / static_cast<int>(kFade));
}

void WaveformConcealment::remember(Pcm pcm) noexcept {
  if (pcm.size() >= kHistory) {
    std::copy(pcm.end() - kHistory, pcm.end(), history_.begin());
    return;
  }
  std::copy(history_.begin() + static_cast<std::ptrdiff_t>(pcm.size()), history_.end(), history_.begin());
  std::copy(pcm.begin(), pcm.end(), history_.end() - static_cast<std::ptrdiff_t>(pcm.size()));
}

}  // namespace relay::codec
