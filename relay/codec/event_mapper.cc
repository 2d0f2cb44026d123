#include "relay/codec/event_mapper.h"

#include "relay/rtp/ssrc.h"

namespace relay::codec {
namespace {

constexpr std::uint32_t kLongestSegment = 0xffff;  // ticks, RFC 4733 §2.5.1.3
constexpr std::uint64_t kDefaultRate = 8000;
constexpr std::int64_t kOutdatedSeconds = 10;  // farther back is a sender that began anew

std::uint64_t rate_of(const Format& format) noexcept {
  return format.clock_rate == 0 ? kDefaultRate : format.clock_rate;
}

}  // namespace

EventMapper::EventMapper(const Format& from, const Format& to) noexcept
    : payload_type_(to.payload_type), from_rate_(rate_of(from)), to_rate_(rate_of(to)) {}

void EventMapper::on_packet(const Received& packet) noexcept {
  output_count_ = output_taken_ = 0;
  const auto event = parse_event(packet.payload);
  if (!event || is_outdated(*event, packet.timestamp)) return;
  if (!continues(*event, packet.timestamp)) begin(*event, packet);
  running_->duration = running_->input_before + event->duration;
  emit(*event);
  running_->ended = running_->ended || event->end;
}

/// An update overtaken by a later one, or a packet of an event before the current one.
bool EventMapper::is_outdated(const TelephoneEvent& event, std::uint32_t timestamp) const noexcept {
  if (!running_) return false;
  const std::int64_t distance = rtp::timestamp_distance(running_->input_segment, timestamp);
  if (distance < 0) return distance > -kOutdatedSeconds * static_cast<std::int64_t>(from_rate_);
  if (distance > 0 || event.event != running_->event) return false;
  const bool shorter = running_->input_before + event.duration < running_->duration;
  return shorter || (running_->ended && !event.end);
}

/// True for a packet of the running event; moves on to its next segment where the packet begins one.
bool EventMapper::continues(const TelephoneEvent& event, std::uint32_t timestamp) noexcept {
  if (!running_ || event.event != running_->event) return false;
  const std::int64_t distance = rtp::timestamp_distance(running_->input_segment, timestamp);
  if (distance == 0) return true;
  if (distance != kLongestSegment || running_->ended) return false;
  running_->input_segment = timestamp;
  running_->input_before += kLongestSegment;
  return true;
}

void EventMapper::begin(const TelephoneEvent& event, const Received& packet) noexcept {
  running_ =
      Running{.event = event.event, .input_segment = packet.timestamp, .output_segment = packet.output_timestamp};
}

void EventMapper::emit(const TelephoneEvent& event) noexcept {
  const std::uint64_t total = scale(running_->duration);
  while (total > running_->output_before + kLongestSegment) {
    push({.event = event.event, .end = false, .volume = event.volume, .duration = kLongestSegment});
    running_->output_segment += kLongestSegment;
    running_->output_before += kLongestSegment;
  }
  const auto rest = static_cast<std::uint16_t>(total - running_->output_before);
  push({.event = event.event, .end = event.end, .volume = event.volume, .duration = rest});
}

void EventMapper::push(const TelephoneEvent& event) noexcept {
  const bool marker = !running_->announced;
  running_->announced = true;
  if (output_count_ == output_.size()) return;
  output_[output_count_++] = {payload_type_, running_->output_segment, marker, write_event(event)};
}

std::optional<MappedEvent> EventMapper::poll_output() noexcept {
  if (output_taken_ == output_count_) return std::nullopt;
  return output_[output_taken_++];
}

}  // namespace relay::codec
