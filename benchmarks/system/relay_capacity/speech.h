#pragma once

#include <array>
#include <vector>

#include "benchmarks/system/relay_capacity/scenario.h"
#include "common/base/bytes.h"

namespace benchmarks {

/// Five seconds of synthetic speech (voiced syllables with moving formants, fricatives, pauses), encoded once in 20 ms
/// packets that every party sends in a loop: G.711 µ-law at 8 kHz, and Opus as a browser sends it (48 kHz, 32 kbit/s,
/// complexity 9, in-band FEC).
class Speech {
 public:
  /// Throws std::runtime_error when libopus refuses.
  Speech();

  std::size_t packets() const noexcept { return pcmu_.size(); }
  /// `index` counts on without end.
  common::ByteSpan packet(Codec codec, std::size_t index) const noexcept {
    const auto& packets = codec == Codec::Pcmu ? pcmu_ : opus_;
    return packets[index % packets.size()];
  }
  /// Root mean square of the samples, of 32768.
  double loudness() const noexcept { return loudness_; }

 private:
  std::vector<common::Bytes> pcmu_;
  std::vector<common::Bytes> opus_;
  double loudness_ = 0;
};

/// Units of the RTP clock in a packet of 20 ms.
constexpr std::uint32_t ticks_per_packet(Codec codec) noexcept { return codec == Codec::Pcmu ? 160 : 960; }
constexpr std::uint8_t payload_type_of(Codec codec) noexcept { return codec == Codec::Pcmu ? 0 : 111; }

}  // namespace benchmarks
