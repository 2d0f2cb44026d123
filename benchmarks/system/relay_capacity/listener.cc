#include "benchmarks/system/relay_capacity/listener.h"

#include <array>
#include <cmath>
#include <stdexcept>

namespace benchmarks {

Listener::Listener(Codec codec) {
  relay::codec::Format format;
  if (codec == Codec::Pcmu) {
    format = {.payload_type = 0, .kind = relay::codec::Kind::Pcmu, .encoding_name = "PCMU"};
  } else {
    format = {.payload_type = 111,
              .kind = relay::codec::Kind::Opus,
              .encoding_name = "opus",
              .clock_rate = 48000,
              .channels = 2};
  }
  auto decoder = relay::codec::make_decoder(format);
  if (!decoder) throw std::runtime_error("no decoder for " + format.encoding_name);
  decoder_ = std::move(*decoder);
}

bool Listener::hear(common::ByteSpan payload) {
  std::array<std::int16_t, relay::codec::kMaxPacketSamples> pcm;
  const auto samples = decoder_->decode(payload, pcm);
  if (!samples) return false;
  for (const std::int16_t sample : std::span(pcm).first(*samples)) {
    energy_ += static_cast<double>(sample) * static_cast<double>(sample);
  }
  samples_ += *samples;
  return true;
}

double Listener::loudness() const { return samples_ == 0 ? 0 : std::sqrt(energy_ / static_cast<double>(samples_)); }

}  // namespace benchmarks
