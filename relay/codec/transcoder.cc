#include "relay/codec/transcoder.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace relay::codec {
namespace {

using common::Err;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr std::int32_t kMaxSequenceJump = 1000;                  // 20 s of audio: farther away is another stream
constexpr std::int64_t kMaxConcealed = kMaxPacketSamples;        // a longer loss becomes a pause
constexpr std::int64_t kMaxAhead = 10 * std::int64_t{kPcmRate};  // timestamps may run ahead of the clock by 10 s
constexpr std::int64_t kLongestSilence = 3600 * std::int64_t{kPcmRate};
constexpr auto kHoldTime = milliseconds{40};

}  // namespace

common::Result<Transcoder, CodecError> Transcoder::create(const Format& from, const Format& to,
                                                          std::uint32_t first_timestamp) {
  auto decoder = make_decoder(from);
  if (!decoder) return Err{decoder.error()};
  auto encoder = make_encoder(to);
  if (!encoder) return Err{encoder.error()};
  return Transcoder(from, to, std::move(*decoder), std::move(*encoder), first_timestamp);
}

Transcoder::Transcoder(const Format& from, const Format& to, std::unique_ptr<Decoder> decoder,
                       std::unique_ptr<Encoder> encoder, std::uint32_t first_timestamp) noexcept
    : decoder_(std::move(decoder)),
      encoder_(std::move(encoder)),
      ticks_in_(from.clock_rate / kPcmRate),
      ticks_out_(to.clock_rate / kPcmRate),
      frame_samples_(std::size_t{usable_ptime(to)} * kPcmRate / 1000),
      first_timestamp_(first_timestamp) {}

void Transcoder::begin_at(std::uint32_t timestamp) noexcept {
  hold_.clear();
  fifo_.drop(fifo_.size());
  decoder_->reset();
  first_timestamp_ = timestamp;
  position_ = 0;
  started_ = false;
  marker_ = true;
  overdue_ = false;
}

void Transcoder::on_packet(const Received& packet, common::Instant now) noexcept {
  if (!admit(packet, now)) return;
  if (packet.payload.size() > std::tuple_size_v<decltype(HeldPacket::bytes)> ||
      decoder_->duration(packet.payload) == 0) {
    ++statistics_.malformed;  // as good as lost: its successor closes the hole
    return;
  }
  switch (hold_.insert(packet.sequence, packet.timestamp, true, packet.payload, now)) {
    case ReorderHold::Insertion::Held:
      return;
    case ReorderHold::Insertion::Duplicate:
      ++statistics_.late;
      return;
    case ReorderHold::Insertion::Full:
      ++statistics_.overflowed;
      return;
  }
}

std::uint32_t Transcoder::on_other_packet(const Received& packet, common::Instant now) noexcept {
  if (admit(packet, now)) {
    if (hold_.size() == 0 && packet.sequence == expected_sequence_) {
      ++expected_sequence_;
    } else {
      hold_.insert(packet.sequence, packet.timestamp, false, {}, now);
    }
  }
  return output_timestamp(position_ + samples_until(packet.timestamp));
}

/// False for a packet whose turn is over.
bool Transcoder::admit(const Received& packet, common::Instant now) noexcept {
  const std::int32_t distance = rtp::sequence_distance(expected_sequence_, packet.sequence);
  if (!started_) {
    started_ = true;
    expected_sequence_ = packet.sequence;
    expected_timestamp_ = packet.timestamp;
    last_audio_ = now;
  } else if (packet.ssrc != ssrc_ || distance > kMaxSequenceJump || distance < -kMaxSequenceJump) {
    hold_.clear();
    restart_at(packet.sequence, packet.timestamp, now);
  } else if (distance < 0) {
    ++statistics_.late;
    return false;
  }
  ssrc_ = packet.ssrc;
  return true;
}

/// The stream begins anew at `timestamp`. Our time line goes on by as much as passed on the clock meanwhile.
void Transcoder::restart_at(std::uint16_t sequence, std::uint32_t timestamp, common::Instant now) noexcept {
  ++statistics_.restarts;
  decoder_->reset();
  expected_sequence_ = sequence;
  expected_timestamp_ = timestamp - static_cast<std::uint32_t>(silence_until(now)) * ticks_in_;
}

std::int64_t Transcoder::samples_until(std::uint32_t timestamp) const noexcept {
  return rtp::timestamp_distance(expected_timestamp_, timestamp) / std::int64_t{ticks_in_};
}

/// Samples between the end of the last packet, had it arrived on time, and `now`.
std::int64_t Transcoder::silence_until(common::Instant now) const noexcept {
  const std::int64_t elapsed = duration_cast<milliseconds>(now - last_audio_).count() * kPcmRate / 1000;
  return std::clamp(elapsed - static_cast<std::int64_t>(last_duration_), std::int64_t{0}, kLongestSilence);
}

bool Transcoder::behind_hole(const HeldPacket& packet) const noexcept {
  return rtp::sequence_distance(expected_sequence_, packet.sequence) > 0;
}

std::optional<common::Instant> Transcoder::next_timeout() const noexcept {
  const HeldPacket* next = hold_.front();
  if (next == nullptr || !behind_hole(*next)) return std::nullopt;
  return next->arrived + kHoldTime;
}

void Transcoder::on_timeout(common::Instant now) noexcept {
  const auto due = next_timeout();
  if (due && now >= *due) overdue_ = true;
}

std::optional<EncodedFrame> Transcoder::poll_output() noexcept {
  do {
    while (fifo_.size() >= frame_samples_) {
      if (const auto frame = encode_frame()) return frame;
    }
  } while (step());
  return std::nullopt;
}

/// Moves at most one packet's worth of sound into the FIFO, which holds less than a frame before. False: nothing to do.
bool Transcoder::step() noexcept {
  const HeldPacket* next = hold_.front();
  if (next == nullptr) return false;
  if (behind_hole(*next)) {
    if (hold_.size() < 2 && !overdue_) return false;
    step_hole(*next);
    return true;
  }
  if (next->audio) {
    if (step_pause(*next)) return true;
    decode(*next);
  }
  ++expected_sequence_;
  hold_.pop_front();
  return true;
}

/// Gives up what is missing before `next`, which moves up.
void Transcoder::step_hole(const HeldPacket& next) noexcept {
  const std::int64_t missing = rtp::sequence_distance(expected_sequence_, next.sequence);
  expected_sequence_ = next.sequence;
  overdue_ = false;
  if (!next.audio) return;
  const std::int64_t gap = samples_until(next.timestamp);
  const bool is_loss = gap > 0 && gap <= kMaxConcealed && gap <= missing * static_cast<std::int64_t>(last_duration_);
  if (!is_loss) return;  // a pause, or so long a loss that it becomes one
  statistics_.concealed += static_cast<std::uint64_t>(missing);
  fill_loss(static_cast<std::size_t>(gap), next);
}

void Transcoder::fill_loss(std::size_t samples, const HeldPacket& successor) noexcept {
  const std::size_t copied = decoder_->recoverable(successor.payload());
  if (copied == 0 || copied > samples) {
    conceal(samples);
    return;
  }
  if (samples > copied) conceal(samples - copied);
  decoder_->recover(successor.payload(), fifo_.prepare(copied));
  fifo_.commit(copied);
  advance(copied);
  --statistics_.concealed;
  ++statistics_.recovered;
}

/// Carries a pause before `next` over. True if it only filled up the frame begun before it: to be called again then.
bool Transcoder::step_pause(const HeldPacket& next) noexcept {
  std::int64_t gap = samples_until(next.timestamp);
  if (gap < 0 || gap > silence_until(next.arrived) + kMaxAhead) {
    restart_at(next.sequence, next.timestamp, next.arrived);
    gap = samples_until(next.timestamp);
  }
  if (gap == 0) return false;
  if (fifo_.size() > 0) {
    conceal(std::min(static_cast<std::size_t>(gap), frame_samples_ - fifo_.size()));
    return true;
  }
  position_ += gap;
  marker_ = true;
  return false;
}

void Transcoder::conceal(std::size_t samples) noexcept {
  decoder_->conceal(fifo_.prepare(samples));
  fifo_.commit(samples);
  advance(samples);
}

void Transcoder::decode(const HeldPacket& packet) noexcept {
  const std::size_t samples = decoder_->duration(packet.payload());
  expected_timestamp_ = packet.timestamp;
  last_audio_ = packet.arrived;
  last_duration_ = samples;
  const auto written = decoder_->decode(packet.payload(), fifo_.prepare(samples));
  if (!written || *written != samples) {
    ++statistics_.malformed;
    conceal(samples);
    return;
  }
  fifo_.commit(samples);
  advance(samples);
  ++statistics_.decoded;
}

void Transcoder::advance(std::size_t samples) noexcept {
  position_ += static_cast<std::int64_t>(samples);
  expected_timestamp_ += static_cast<std::uint32_t>(samples) * ticks_in_;
}

std::optional<EncodedFrame> Transcoder::encode_frame() noexcept {
  const std::uint32_t timestamp = output_timestamp(position_ - static_cast<std::int64_t>(fifo_.size()));
  const auto size = encoder_->encode(fifo_.front(frame_samples_), payload_);
  fifo_.drop(frame_samples_);
  if (!size || *size == 0) {
    marker_ = true;  // DTX: what comes next follows a pause
    return std::nullopt;
  }
  ++statistics_.encoded;
  return EncodedFrame{timestamp, std::exchange(marker_, false), {payload_.data(), *size}};
}

std::uint32_t Transcoder::output_timestamp(std::int64_t position) const noexcept {
  return first_timestamp_ + static_cast<std::uint32_t>(position) * ticks_out_;
}

}  // namespace relay::codec
