#include "benchmarks/system/relay_capacity/speech.h"

#include <opus.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>
#include <random>
#include <stdexcept>

#include "relay/codec/g711.h"

namespace benchmarks {
namespace {

constexpr int kRate = 48000;
constexpr int kFrame = kRate / 50;
constexpr std::size_t kFrames = 250;
constexpr std::size_t kDecimation = kRate / 8000;
constexpr double kPeak = 9000;

/// Two-pole resonator: one formant of the vocal tract.
class Formant {
 public:
  double filter(double in, double frequency, double bandwidth) {
    const double radius = std::exp(-std::numbers::pi * bandwidth / kRate);
    const double turn = 2 * radius * std::cos(2 * std::numbers::pi * frequency / kRate);
    const double out = (1 - radius) * in + turn * before_ - radius * radius * before_that_;
    before_that_ = before_;
    before_ = out;
    return out;
  }

 private:
  double before_ = 0;
  double before_that_ = 0;
};

struct Sound {
  double first, second, third;  // formants, Hz
  bool voiced;
  double level;
};
constexpr std::array kSounds{
    Sound{730, 1090, 2440, true, 1.0}, Sound{270, 2290, 3010, true, 0.8},    Sound{300, 870, 2240, true, 0.8},
    Sound{530, 1840, 2480, true, 1.0}, Sound{2500, 4500, 6500, false, 0.25}, Sound{500, 1500, 2500, true, 0.0},
};

/// A syllable lasts 180 ms; every sixth is a pause.
std::vector<double> synthesize() {
  constexpr std::size_t kSyllable = kRate * 180 / 1000;
  std::mt19937 noise(1);
  std::uniform_real_distribution<double> white(-1, 1);
  std::vector<double> samples(kFrames * kFrame);
  Formant first;
  Formant second;
  Formant third;
  double phase = 0;
  Sound now = kSounds.front();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Sound& wanted = kSounds[i / kSyllable % kSounds.size()];
    for (auto part : {&Sound::first, &Sound::second, &Sound::third, &Sound::level}) {
      now.*part += (wanted.*part - now.*part) / (kRate * 0.015);  // the mouth takes 15 ms to move
    }
    const double pitch = 120 + 30 * std::sin(2 * std::numbers::pi * static_cast<double>(i) / (kRate * 1.3));
    phase += pitch / kRate;
    phase -= std::floor(phase);
    const double glottis = phase < 0.6 ? std::sin(std::numbers::pi * phase / 0.6) - 0.5 : -0.5;
    const double source = (wanted.voiced ? glottis : white(noise)) + 0.02 * white(noise);
    const double throat = second.filter(source, now.second, 90) + 0.5 * third.filter(source, now.third, 150);
    samples[i] = now.level * (first.filter(source, now.first, 70) + 0.7 * throat);
  }
  return samples;
}

std::vector<std::int16_t> to_pcm(const std::vector<double>& samples) {
  const double peak = std::abs(*std::ranges::max_element(samples, {}, [](double s) { return std::abs(s); }));
  std::vector<std::int16_t> pcm(samples.size());
  std::ranges::transform(samples, pcm.begin(),
                         [&](double s) { return static_cast<std::int16_t>(std::lround(s / peak * kPeak)); });
  return pcm;
}

double root_mean_square(const std::vector<std::int16_t>& pcm) {
  double sum = 0;
  for (const std::int16_t sample : pcm) sum += double{static_cast<double>(sample)} * sample;
  return std::sqrt(sum / static_cast<double>(pcm.size()));
}

std::vector<common::Bytes> encode_opus(const std::vector<std::int16_t>& pcm) {
  int error = OPUS_OK;
  const std::unique_ptr<OpusEncoder, decltype(&opus_encoder_destroy)> encoder(
      opus_encoder_create(kRate, 1, OPUS_APPLICATION_VOIP, &error), &opus_encoder_destroy);
  if (error != OPUS_OK) throw std::runtime_error("libopus gave no encoder");
  opus_encoder_ctl(encoder.get(), OPUS_SET_BITRATE(32000));
  opus_encoder_ctl(encoder.get(), OPUS_SET_COMPLEXITY(9));
  opus_encoder_ctl(encoder.get(), OPUS_SET_INBAND_FEC(1));
  std::vector<common::Bytes> packets;
  for (std::size_t at = 0; at < pcm.size(); at += kFrame) {
    common::Bytes packet(1275);
    const int size =
        opus_encode(encoder.get(), &pcm[at], kFrame, packet.data(), static_cast<opus_int32>(packet.size()));
    if (size <= 0) throw std::runtime_error("libopus did not encode");
    packet.resize(static_cast<std::size_t>(size));
    packets.push_back(std::move(packet));
  }
  return packets;
}

/// The mean of six samples is filter enough for a load.
std::vector<common::Bytes> encode_pcmu(const std::vector<std::int16_t>& pcm) {
  std::vector<common::Bytes> packets;
  for (std::size_t at = 0; at < pcm.size(); at += kFrame) {
    common::Bytes packet;
    for (std::size_t i = at; i < at + kFrame; i += kDecimation) {
      int sum = 0;
      for (std::size_t k = 0; k < kDecimation; ++k) sum += pcm[i + k];
      packet.push_back(relay::codec::encode_ulaw(static_cast<std::int16_t>(sum / static_cast<int>(kDecimation))));
    }
    packets.push_back(std::move(packet));
  }
  return packets;
}

}  // namespace

Speech::Speech() {
  const std::vector<std::int16_t> pcm = to_pcm(synthesize());
  loudness_ = root_mean_square(pcm);
  opus_ = encode_opus(pcm);
  pcmu_ = encode_pcmu(pcm);
}

}  // namespace benchmarks
