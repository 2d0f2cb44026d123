#include "relay/media/media_path.h"

#include <utility>

#include "common/base/overload.h"
#include "relay/rtp/header_edit.h"
#include "relay/rtp/packet_writer.h"

namespace relay::media {

MediaPath::MediaPath(session::PathPlan plan, PathSink& to, codec::TranscoderStatistics& totals)
    : plan_(std::move(plan)), to_(to), next_sequence_(plan_.own_stream.first_sequence), totals_(totals) {
  egress_.ssrc = plan_.own_stream.ssrc;
  for (const auto& [payload_type, action] : plan_.payloads) compile(payload_type, action);
}

void MediaPath::compile(std::uint8_t payload_type, const session::PayloadAction& action) {
  Entry& entry = table_[payload_type & 0x7f];
  std::visit(common::Overload{
                 [&](const session::Drop&) { entry = {}; },
                 [&](const session::Forward& forward) { entry = {Action::Forward, forward.payload_type, 0}; },
                 [&](const session::Transcode& wanted) {
                   auto made = codec::Transcoder::create(wanted.from, wanted.to, plan_.own_stream.first_timestamp);
                   if (!made) return;
                   egress_.clock_rate = wanted.to.clock_rate;
                   entry = {Action::Transcode, wanted.to.payload_type, static_cast<std::uint8_t>(transcoders_.size())};
                   transcoders_.push_back({std::move(*made), wanted.to.payload_type});
                 },
                 [&](const session::MapEvent& wanted) {
                   entry = {Action::MapEvent, wanted.to.payload_type, static_cast<std::uint8_t>(mappers_.size())};
                   mappers_.emplace_back(wanted.from, wanted.to);
                 },
             },
             action);
}

bool MediaPath::on_rtp(packet::PacketBuffer& packet, const rtp::PacketView& view, common::Instant now) noexcept {
  const Entry entry = table_[view.payload_type()];
  switch (entry.action) {
    case Action::Drop:
      drop(view, now);
      return false;
    case Action::Forward:
      forward(packet, view, entry.payload_type, now);
      return true;
    case Action::Transcode:
      transcode(view, entry.stage, now);
      return true;
    case Action::MapEvent:
      map_event(view, entry.stage, now);
      return true;
  }
  return false;
}

/// What goes no further (comfort noise, say) is no loss of the stream it has its sequence number from.
void MediaPath::drop(const rtp::PacketView& view, common::Instant now) noexcept {
  if (!originates()) return;
  TranscodeStage& audio = transcoders_[active_];
  if (!audio.transcoder.follows(view.ssrc())) return;
  audio.transcoder.on_other_packet({view.ssrc(), view.sequence(), view.timestamp(), {}}, now);
  drain(audio, now);
}

void MediaPath::forward(packet::PacketBuffer& packet, const rtp::PacketView& view, std::uint8_t payload_type,
                        common::Instant now) noexcept {
  if (originates()) return send_own(payload_type, view.marker(), view.timestamp(), view.payload(), now);
  rtp::set_payload_type(packet, payload_type);
  if (sequence_shift_ != 0) rtp::set_sequence(packet, static_cast<std::uint16_t>(view.sequence() + sequence_shift_));
  to_.send_rtp(packet, now);
}

void MediaPath::transcode(const rtp::PacketView& view, std::size_t stage, common::Instant now) noexcept {
  if (stage != active_) change_transcoder(stage, now);
  TranscodeStage& chosen = transcoders_[stage];
  chosen.transcoder.on_packet({view.ssrc(), view.sequence(), view.timestamp(), view.payload()}, now);
  drain(chosen, now);
}

/// The peer has changed its codec: the time line of what we send goes on.
void MediaPath::change_transcoder(std::size_t stage, common::Instant now) noexcept {
  active_ = stage;
  if (egress_.packets > 0) transcoders_[stage].transcoder.begin_at(timestamp_at(now));
}

std::uint32_t MediaPath::timestamp_at(common::Instant now) const noexcept {
  const auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now - egress_.last_sent).count();
  return egress_.last_timestamp + static_cast<std::uint32_t>(since * egress_.clock_rate / 1000);
}

void MediaPath::drain(TranscodeStage& stage, common::Instant now) noexcept {
  while (const auto frame = stage.transcoder.poll_output()) {
    send_own(stage.payload_type, frame->marker, frame->timestamp, frame->payload, now);
  }
  totals_ += stage.transcoder.take_statistics();
}

void MediaPath::map_event(const rtp::PacketView& view, std::size_t stage, common::Instant now) noexcept {
  std::uint32_t output_timestamp = view.timestamp();
  if (originates()) {
    TranscodeStage& audio = transcoders_[active_];
    output_timestamp =
        audio.transcoder.on_other_packet({view.ssrc(), view.sequence(), view.timestamp(), view.payload()}, now);
    drain(audio, now);
  }
  codec::EventMapper& mapper = mappers_[stage];
  mapper.on_packet({view.timestamp(), output_timestamp, view.payload()});
  for (bool first = true; const auto event = mapper.poll_output(); first = false) {
    if (originates()) {
      send_own(event->payload_type, event->marker, event->timestamp, event->payload, now);
      continue;
    }
    if (!first) ++sequence_shift_;
    const auto sequence = static_cast<std::uint16_t>(view.sequence() + sequence_shift_);
    const rtp::Header header{event->payload_type, event->marker, sequence, event->timestamp, view.ssrc()};
    if (rtp::write_packet(scratch_, header, event->payload)) to_.send_rtp(scratch_, now);
  }
}

void MediaPath::send_own(std::uint8_t payload_type, bool marker, std::uint32_t timestamp, common::ByteSpan payload,
                         common::Instant now) noexcept {
  if (!rtp::write_packet(scratch_, {payload_type, marker, next_sequence_++, timestamp, {egress_.ssrc}}, payload))
    return;
  ++egress_.packets;
  egress_.octets += static_cast<std::uint32_t>(payload.size());
  egress_.last_timestamp = timestamp;
  egress_.last_sent = now;
  to_.send_rtp(scratch_, now);
}

void MediaPath::on_loss_report(std::uint8_t fraction_lost) noexcept {
  const int before = loss_.percent();
  loss_.on_report(fraction_lost);
  if (loss_.percent() == before) return;
  for (TranscodeStage& stage : transcoders_) stage.transcoder.set_expected_loss(loss_.percent());
}

std::optional<common::Instant> MediaPath::next_timeout() const noexcept {
  std::optional<common::Instant> earliest;
  for (const TranscodeStage& stage : transcoders_) {
    const auto at = stage.transcoder.next_timeout();
    if (at && (!earliest || *at < *earliest)) earliest = at;
  }
  return earliest;
}

void MediaPath::on_timeout(common::Instant now) noexcept {
  for (TranscodeStage& stage : transcoders_) {
    stage.transcoder.on_timeout(now);
    drain(stage, now);
  }
}

}  // namespace relay::media
