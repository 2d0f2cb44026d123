#pragma once

#include <cstdint>
#include <string>

namespace relay::codec {

/// What the relay can do more with than forward.
enum class Kind : std::uint8_t { Pcmu, Pcma, Opus, TelephoneEvent, ComfortNoise, Other };

/// Parameters of RFC 7587 §6.1 as a peer asked for them: what it wants to *receive*.
struct OpusParameters {
  std::uint32_t max_playback_rate = 48000;  // Hz
  std::uint32_t max_average_bitrate = 0;    // bit/s, 0: not said
  bool stereo = false;
  bool use_inband_fec = false;
  bool use_dtx = false;
  bool cbr = false;
  friend bool operator==(const OpusParameters&, const OpusParameters&) = default;
};

/// One payload type of one leg, as negotiated.
struct Format {
  std::uint8_t payload_type = 0;
  Kind kind = Kind::Other;
  std::string encoding_name{};      // as in a=rtpmap, for reports
  std::uint32_t clock_rate = 8000;  // Hz
  std::uint8_t channels = 1;
  OpusParameters opus{};          // only with Kind::Opus
  std::uint16_t ptime = 20;       // ms of sound in a packet, as the peer wants it, RFC 8866 §6.4
  std::uint16_t max_ptime = 120;  // ms, the most that the peer takes in one packet
  friend bool operator==(const Format&, const Format&) = default;
};

}  // namespace relay::codec
