#pragma once

#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "relay/codec/codec.h"

/// Tones as test signals.
namespace relay::codec {

using Samples = std::vector<std::int16_t>;

inline Samples sine(double frequency, double amplitude, std::size_t count) {
  Samples out(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double phase = 2 * std::numbers::pi * frequency * static_cast<double>(i) / kPcmRate;
    out[i] = static_cast<std::int16_t>(std::lround(amplitude * std::sin(phase)));
  }
  return out;
}

struct Tone {
  double amplitude;
  double snr_db;  // of the tone over everything else
};

/// How much of `frequency` is in `pcm`; its length should be whole periods.
inline Tone measure(Pcm pcm, double frequency) {
  std::complex<double> sum = 0;
  double power = 0;
  for (std::size_t i = 0; i < pcm.size(); ++i) {
    const double phase = 2 * std::numbers::pi * frequency * static_cast<double>(i) / kPcmRate;
    sum += static_cast<double>(pcm[i]) * std::polar(1.0, -phase);
    power += static_cast<double>(pcm[i]) * pcm[i];
  }
  const auto count = static_cast<double>(pcm.size());
  const double amplitude = 2 * std::abs(sum) / count;
  const double tone_power = amplitude * amplitude / 2;
  const double rest = std::max(1e-9, power / count - tone_power);
  return {amplitude, 10 * std::log10(tone_power / rest)};
}

inline double db(double ratio) { return 20 * std::log10(ratio); }

}  // namespace relay::codec
