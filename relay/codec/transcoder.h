#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "common/base/result.h"
#include "common/time/instant.h"
#include "relay/codec/codec.h"
#include "relay/codec/pcm_fifo.h"
#include "relay/codec/reorder_hold.h"
#include "relay/rtp/ssrc.h"

namespace relay::codec {

/// One packet out of a transcoder. The caller adds payload type, sequence number (one more each time) and SSRC.
struct EncodedFrame {
  std::uint32_t timestamp = 0;  // target clock rate
  bool marker = false;          // first packet, or first after a pause
  common::ByteSpan payload;     // good until the next call on the transcoder
};

struct TranscoderStatistics {
  std::uint64_t decoded = 0;     // packets
  std::uint64_t encoded = 0;     // packets
  std::uint64_t concealed = 0;   // packets lost and replaced by concealment
  std::uint64_t recovered = 0;   // packets lost and replaced from in-band FEC
  std::uint64_t late = 0;        // arrived after their place was played, or twice
  std::uint64_t malformed = 0;   // payload refused by the decoder, or too long
  std::uint64_t restarts = 0;    // new SSRC, or sequence numbers or timestamps that jumped
  std::uint64_t overflowed = 0;  // not drained by the caller in time

  TranscoderStatistics& operator+=(const TranscoderStatistics& more) noexcept;
};

/// Every counter of TranscoderStatistics with its name, for whoever adds them up or shows them.
struct TranscoderCounter {
  std::string_view name;
  std::uint64_t TranscoderStatistics::* counter;
};
inline constexpr std::array kTranscoderCounters{
    TranscoderCounter{"decoded", &TranscoderStatistics::decoded},
    TranscoderCounter{"encoded", &TranscoderStatistics::encoded},
    TranscoderCounter{"concealed", &TranscoderStatistics::concealed},
    TranscoderCounter{"recovered", &TranscoderStatistics::recovered},
    TranscoderCounter{"late", &TranscoderStatistics::late},
    TranscoderCounter{"malformed", &TranscoderStatistics::malformed},
    TranscoderCounter{"restarted", &TranscoderStatistics::restarts},
    TranscoderCounter{"overflowed", &TranscoderStatistics::overflowed},
};

inline TranscoderStatistics& TranscoderStatistics::operator+=(const TranscoderStatistics& more) noexcept {
  for (const TranscoderCounter& each : kTranscoderCounters) this->*each.counter += more.*each.counter;
  return *this;
}

/// Turns the packets of one received stream into packets of another codec or packet time.
///
/// Push every packet of the stream in arrival order, drain poll_output(), sleep until next_timeout() if there is one.
/// Time passes through: a pause in the input's timestamps is the same pause in the output's, with the marker set behind
/// it. Adds no delay but one packet: re-packetising to a longer packet time, or a single hole, which is given one more
/// packet's time to be filled by a reordered one before it is recovered (FEC) or concealed. Allocates at creation only.
class Transcoder {
 public:
  struct Received {
    rtp::Ssrc ssrc;
    std::uint16_t sequence = 0;
    std::uint32_t timestamp = 0;  // source clock rate
    common::ByteSpan payload;     // copied
  };

  /// `first_timestamp` is the output timestamp of the first packet (random, RFC 3550 §5.1). The packet time is
  /// usable_ptime(to). Errors: Unsupported, Internal.
  [[nodiscard]] static common::Result<Transcoder, CodecError> create(const Format& from, const Format& to,
                                                                     std::uint32_t first_timestamp);

  /// Forgets the stream so far; the next packet is the first of one whose output begins at `timestamp`. For a path that
  /// changes from one transcoder to another.
  void begin_at(std::uint32_t timestamp) noexcept;
  /// A packet whose payload type is `from`'s.
  void on_packet(const Received& packet, common::Instant now) noexcept;
  /// A packet of the same stream with another payload type (telephone-event, comfort noise): its sequence number is not
  /// a loss; the payload is not looked at. Gives its timestamp on the output's time line, in the output's clock rate.
  std::uint32_t on_other_packet(const Received& packet, common::Instant now) noexcept;
  /// True for the stream being transcoded, false before its first packet.
  bool follows(rtp::Ssrc ssrc) const noexcept { return started_ && ssrc == ssrc_; }
  /// Call until it gives nothing.
  std::optional<EncodedFrame> poll_output() noexcept;
  /// A packet held behind a hole waits no longer than this.
  std::optional<common::Instant> next_timeout() const noexcept;
  void on_timeout(common::Instant now) noexcept;

  void set_complexity(int complexity) noexcept { encoder_->set_complexity(complexity); }
  void set_expected_loss(int percent) noexcept { encoder_->set_expected_loss(percent); }
  /// Since creation, or since they were taken.
  const TranscoderStatistics& statistics() const noexcept { return statistics_; }
  TranscoderStatistics take_statistics() noexcept { return std::exchange(statistics_, {}); }
  /// Of each packet made, in ms.
  std::uint16_t ptime() const noexcept { return static_cast<std::uint16_t>(frame_samples_ * 1000 / kPcmRate); }

 private:
  Transcoder(const Format& from, const Format& to, std::unique_ptr<Decoder> decoder, std::unique_ptr<Encoder> encoder,
             std::uint32_t first_timestamp) noexcept;

  bool admit(const Received& packet, common::Instant now) noexcept;
  void restart_at(std::uint16_t sequence, std::uint32_t timestamp, common::Instant now) noexcept;
  bool behind_hole(const HeldPacket& packet) const noexcept;
  std::int64_t samples_until(std::uint32_t timestamp) const noexcept;
  std::int64_t silence_until(common::Instant now) const noexcept;
  bool step() noexcept;
  void step_hole(const HeldPacket& next) noexcept;
  bool step_pause(const HeldPacket& next) noexcept;
  void fill_loss(std::size_t samples, const HeldPacket& successor) noexcept;
  void conceal(std::size_t samples) noexcept;
  void decode(const HeldPacket& packet) noexcept;
  void advance(std::size_t samples) noexcept;
  std::optional<EncodedFrame> encode_frame() noexcept;
  std::uint32_t output_timestamp(std::int64_t position) const noexcept;

  std::unique_ptr<Decoder> decoder_;
  std::unique_ptr<Encoder> encoder_;
  std::uint32_t ticks_in_;   // input clock ticks per PCM sample
  std::uint32_t ticks_out_;  // output clock ticks per PCM sample
  std::size_t frame_samples_;
  std::uint32_t first_timestamp_;

  bool started_ = false;
  bool marker_ = true;
  rtp::Ssrc ssrc_;
  std::uint16_t expected_sequence_ = 0;
  std::uint32_t expected_timestamp_ = 0;  // input time of `position_`
  std::int64_t position_ = 0;             // PCM samples since the start, end of the FIFO
  std::size_t last_duration_ = 160;       // samples of the last packet decoded
  common::Instant last_audio_{};
  bool overdue_ = false;  // the packet behind the hole has waited long enough
  ReorderHold hold_;
  PcmFifo fifo_;
  std::array<std::uint8_t, 1500> payload_;
  TranscoderStatistics statistics_;
};

}  // namespace relay::codec
