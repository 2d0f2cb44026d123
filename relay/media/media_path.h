#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/base/prefetch.h"
#include "relay/codec/event_mapper.h"
#include "relay/codec/loss_estimate.h"
#include "relay/codec/transcoder.h"
#include "relay/packet/packet_buffer.h"
#include "relay/rtp/packet_view.h"
#include "relay/session/plan.h"

namespace relay::media {

/// Who takes the packets that come out of a path: the leg at its end.
class PathSink {
 public:
  virtual ~PathSink() = default;
  /// A whole RTP packet, unprotected.
  virtual void send_rtp(packet::PacketBuffer& packet, common::Instant now) = 0;
};

/// What a path has sent under an SSRC of its own, for our sender reports.
struct EgressStream {
  std::uint32_t ssrc = 0;
  std::uint32_t packets = 0;
  std::uint32_t octets = 0;
  std::uint32_t last_timestamp = 0;
  std::uint32_t clock_rate = 8000;
  common::Instant last_sent{};
};

/// One direction of one medium, compiled from its plan: a table by payload type that packets merely run.
class MediaPath {
 public:
  /// Formats that the codecs refuse are dropped and counted like unknown ones. What is transcoded is added to `totals`,
  /// the shard's.
  MediaPath(session::PathPlan plan, PathSink& to, codec::TranscoderStatistics& totals);

  const session::PathPlan& plan() const noexcept { return plan_; }
  /// `view` is of `packet`, which is changed in place or left. False: its payload type leads nowhere.
  bool on_rtp(packet::PacketBuffer& packet, const rtp::PacketView& view, common::Instant now) noexcept;

  /// Of the encoders, 0 to 10.
  void set_complexity(int complexity) noexcept {
    for (TranscodeStage& stage : transcoders_) stage.transcoder.set_complexity(complexity);
  }
  /// Our receiver has reported on the stream we originate: `fraction_lost` of 256.
  void on_loss_report(std::uint8_t fraction_lost) noexcept;
  /// What on_rtp() will touch of the path itself, into the cache.
  void prefetch() const noexcept {
    common::prefetch(&to_, sizeof to_);
    common::prefetch(table_.data(), 1);
    common::prefetch(&transcoders_, sizeof(std::vector<TranscodeStage>));
  }

  /// A packet held back behind a hole waits no longer than this.
  std::optional<common::Instant> next_timeout() const noexcept;
  void on_timeout(common::Instant now) noexcept;

  /// True: SSRC, sequence numbers and timestamps on the way out are ours.
  bool originates() const noexcept { return !transcoders_.empty(); }
  const EgressStream& egress() const noexcept { return egress_; }

 private:
  enum class Action : std::uint8_t { Drop, Forward, Transcode, MapEvent };
  struct Entry {
    Action action = Action::Drop;
    std::uint8_t payload_type = 0;  // on the way out
    std::uint8_t stage = 0;         // index of the transcoder or mapper
  };
  struct TranscodeStage {
    codec::Transcoder transcoder;
    std::uint8_t payload_type;
  };

  void compile(std::uint8_t payload_type, const session::PayloadAction& action);
  void drop(const rtp::PacketView& view, common::Instant now) noexcept;
  void forward(packet::PacketBuffer& packet, const rtp::PacketView& view, std::uint8_t payload_type,
               common::Instant now) noexcept;
  void transcode(const rtp::PacketView& view, std::size_t stage, common::Instant now) noexcept;
  void map_event(const rtp::PacketView& view, std::size_t stage, common::Instant now) noexcept;
  void drain(TranscodeStage& stage, common::Instant now) noexcept;
  void change_transcoder(std::size_t stage, common::Instant now) noexcept;
  std::uint32_t timestamp_at(common::Instant now) const noexcept;
  void send_own(std::uint8_t payload_type, bool marker, std::uint32_t timestamp, common::ByteSpan payload,
                common::Instant now) noexcept;

  session::PathPlan plan_;
  PathSink& to_;
  std::array<Entry, 128> table_{};
  std::vector<TranscodeStage> transcoders_;
  std::vector<codec::EventMapper> mappers_;
  std::size_t active_ = 0;  // transcoder of the stream's present codec
  std::uint16_t next_sequence_;
  std::uint16_t sequence_shift_ = 0;  // packets we have put between forwarded ones
  EgressStream egress_;
  codec::LossEstimate loss_;  // on the way from us to the receiver
  codec::TranscoderStatistics& totals_;
  packet::PacketBuffer scratch_;
};

}  // namespace relay::media
