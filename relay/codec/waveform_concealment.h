#pragma once

#include <array>

#include "relay/codec/codec.h"

namespace relay::codec {

/// Fills holes in a waveform codec's output: repeats the last pitch period and fades to silence within 60 ms, then
/// blends the first good samples in. The idea of G.711 Appendix I in its simplest form, without its look-back delay.
class WaveformConcealment {
 public:
  /// Takes a decoded packet, in whose beginning the end of a concealed hole is blended.
  void on_good(MutablePcm pcm) noexcept;
  void conceal(MutablePcm out) noexcept;
  void reset() noexcept { *this = WaveformConcealment{}; }

 private:
  static constexpr std::size_t kShortestPeriod = 40;  // 200 Hz; shorter ones are found as a multiple
  static constexpr std::size_t kLongestPeriod = 120;  // 66 Hz
  static constexpr std::size_t kWindow = 160;         // compared samples, 20 ms
  static constexpr std::size_t kHistory = kWindow + kLongestPeriod;
  static constexpr std::size_t kFade = 480;  // 60 ms
  static constexpr std::size_t kBlend = 32;  // 4 ms

  std::size_t find_period() const noexcept;
  std::int16_t next_sample() noexcept;
  void remember(Pcm pcm) noexcept;

  std::array<std::int16_t, kHistory> history_{};
  std::size_t period_ = 0;    // 0: no hole open
  std::size_t position_ = 0;  // samples concealed in this hole
};

}  // namespace relay::codec
