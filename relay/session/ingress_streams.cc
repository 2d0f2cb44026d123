#include "relay/session/ingress_streams.h"

#include <algorithm>
#include <utility>

namespace relay::session {
namespace {

constexpr auto kAlive = std::chrono::seconds{10};
constexpr std::int32_t kCloseSequence = 500;  // ten seconds of audio

}  // namespace

const IngressStreams::Stream* IngressStreams::find(rtp::Ssrc ssrc) const noexcept {
  for (std::size_t i = 0; i < count_; ++i) {
    if (streams_[i].ssrc == ssrc) return &streams_[i];
  }
  return nullptr;
}

IngressStreams::Stream* IngressStreams::find(rtp::Ssrc ssrc) noexcept {
  return const_cast<Stream*>(std::as_const(*this).find(ssrc));  // NOLINT(*-const-cast): the object is not const
}

bool IngressStreams::continues(rtp::Ssrc ssrc, std::uint16_t sequence) const noexcept {
  const Stream* stream = find(ssrc);
  if (stream == nullptr) return false;
  const auto highest = static_cast<std::uint16_t>(stream->statistics.sequence().extended_highest());
  const std::int32_t distance = rtp::sequence_distance(highest, sequence);
  return distance > 0 && distance <= kCloseSequence;
}

IngressStreams::Stream& IngressStreams::open(rtp::Ssrc ssrc, std::uint32_t clock_rate) noexcept {
  Stream& stream =
      count_ < kMaxStreams ? streams_[count_++] : *std::ranges::min_element(streams_, {}, &Stream::last_packet);
  stream = Stream{};
  stream.ssrc = ssrc;
  stream.statistics = rtp::ReceiveStatistics(clock_rate);
  return stream;
}

void IngressStreams::on_packet(rtp::Ssrc ssrc, std::uint8_t payload_type, std::uint32_t clock_rate,
                               std::uint16_t sequence, std::uint32_t timestamp, std::size_t payload_size,
                               std::size_t bytes, common::Instant now) noexcept {
  Stream* stream = find(ssrc);
  if (stream == nullptr) stream = &open(ssrc, clock_rate);
  stream->payload_type = payload_type;
  stream->last_packet = now;
  stream->bytes += bytes;
  stream->statistics.on_packet(sequence, timestamp, payload_size, now);
}

void IngressStreams::on_sender_report(rtp::Ssrc ssrc, rtcp::NtpTime ntp, common::Instant now) noexcept {
  if (Stream* stream = find(ssrc)) stream->sender_report.on_sender_report(ntp, now);
}

std::size_t IngressStreams::report_blocks(std::span<rtcp::ReportBlock> out, common::Instant now) noexcept {
  std::size_t blocks = 0;
  for (std::size_t i = 0; i < count_ && blocks < out.size(); ++i) {
    Stream& stream = streams_[i];
    if (now - stream.last_packet > kAlive) continue;
    out[blocks++] = rtcp::make_report_block(stream.ssrc, stream.statistics, stream.sender_report, now);
  }
  return blocks;
}

void IngressStreams::append_to(std::vector<IngressStream>& report) const {
  for (std::size_t i = 0; i < count_; ++i) {
    const Stream& stream = streams_[i];
    IngressStream entry;
    entry.ssrc = stream.ssrc.value;
    entry.payload_type = stream.payload_type;
    entry.totals.packets = stream.statistics.packets();
    entry.totals.bytes = stream.bytes;
    entry.lost = stream.statistics.sequence().lost();
    entry.jitter = stream.statistics.jitter();
    if (round_trip_) {
      entry.round_trip_us =
          static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::microseconds>(*round_trip_).count());
    }
    report.push_back(entry);
  }
}

}  // namespace relay::session
