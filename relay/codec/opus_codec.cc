#include "relay/codec/opus_codec.h"

#include <opus.h>

#include <algorithm>
#include <new>

namespace relay::codec {
namespace {

using common::Err;

constexpr int kRate = kPcmRate;
constexpr int kDefaultBitrate = 32000;  // bit/s: at 8 kHz bits buy more than complexity does
constexpr int kLowestBitrate = 6000;    // RFC 7587 §6.1
constexpr int kDefaultComplexity = 5;
constexpr std::size_t kSmallestStep = 20;  // 2.5 ms: concealment works in multiples of it

opus_int32 length_of(common::ByteSpan payload) noexcept { return static_cast<opus_int32>(payload.size()); }

/// True if the packet's first frame carries LBRR, the copy of its predecessor: RFC 6716 §4.2.3 and §4.2.4. The flags
/// stand first in a SILK frame, one VAD bit for each 20 ms and one LBRR bit, for each channel.
bool has_copy_of_predecessor(common::ByteSpan payload) noexcept {
  const bool celt_only = (payload[0] & 0x80) != 0;
  if (celt_only) return false;
  const unsigned char* frames[48];
  opus_int16 sizes[48];
  const int count = opus_packet_parse(payload.data(), length_of(payload), nullptr, frames, sizes, nullptr);
  if (count < 1 || sizes[0] < 1) return false;
  const int samples = opus_packet_get_samples_per_frame(payload.data(), 48000);
  const int silk_frames = std::max(1, samples / 960);
  const bool stereo = (payload[0] & 0x04) != 0;
  const unsigned flags = frames[0][0];
  const bool mid = ((flags >> (7 - silk_frames)) & 1) != 0;
  const bool side = stereo && ((flags >> (6 - 2 * silk_frames)) & 1) != 0;
  return mid || side;
}

}  // namespace

void OpusPacketDecoder::Destroy::operator()(OpusDecoder* decoder) const noexcept { opus_decoder_destroy(decoder); }

common::Result<std::unique_ptr<Decoder>, CodecError> OpusPacketDecoder::create() {
  int error = OPUS_OK;
  OpusDecoder* decoder = opus_decoder_create(kRate, 1, &error);
  if (error != OPUS_OK) return Err{CodecError::Internal};
  return std::unique_ptr<Decoder>(new OpusPacketDecoder(decoder));
}

std::size_t OpusPacketDecoder::duration(common::ByteSpan payload) const noexcept {
  opus_int16 sizes[48];
  if (payload.empty()) return 0;
  const int frames = opus_packet_parse(payload.data(), length_of(payload), nullptr, nullptr, sizes, nullptr);
  if (frames < 1) return 0;
  return static_cast<std::size_t>(frames) *
         static_cast<std::size_t>(opus_packet_get_samples_per_frame(payload.data(), kRate));
}

common::Result<std::size_t, CodecError> OpusPacketDecoder::decode(common::ByteSpan payload, MutablePcm out) noexcept {
  if (payload.empty()) return Err{CodecError::BadPayload};
  const int samples =
      opus_decode(decoder_.get(), payload.data(), length_of(payload), out.data(), static_cast<int>(out.size()), 0);
  if (samples == OPUS_BUFFER_TOO_SMALL) return Err{CodecError::NoRoom};
  if (samples <= 0) return Err{CodecError::BadPayload};
  return static_cast<std::size_t>(samples);
}

void OpusPacketDecoder::conceal(MutablePcm out) noexcept {
  const std::size_t whole = out.size() / kSmallestStep * kSmallestStep;
  const int made = whole == 0 ? 0 : opus_decode(decoder_.get(), nullptr, 0, out.data(), static_cast<int>(whole), 0);
  const auto written = static_cast<std::size_t>(std::max(made, 0));
  const std::int16_t last = written == 0 ? std::int16_t{0} : out[written - 1];
  std::fill(out.begin() + static_cast<std::ptrdiff_t>(written), out.end(), last);
}

std::size_t OpusPacketDecoder::recoverable(common::ByteSpan successor) const noexcept {
  if (duration(successor) == 0 || !has_copy_of_predecessor(successor)) return 0;
  return static_cast<std::size_t>(opus_packet_get_samples_per_frame(successor.data(), kRate));
}

void OpusPacketDecoder::recover(common::ByteSpan successor, MutablePcm out) noexcept {
  const int made =
      opus_decode(decoder_.get(), successor.data(), length_of(successor), out.data(), static_cast<int>(out.size()), 1);
  if (made != static_cast<int>(out.size())) conceal(out);
}

void OpusPacketDecoder::reset() noexcept { opus_decoder_ctl(decoder_.get(), OPUS_RESET_STATE); }

void OpusPacketEncoder::Destroy::operator()(OpusEncoder* encoder) const noexcept { opus_encoder_destroy(encoder); }

common::Result<std::unique_ptr<Encoder>, CodecError> OpusPacketEncoder::create(const OpusParameters& parameters) {
  int error = OPUS_OK;
  OpusEncoder* encoder = opus_encoder_create(kRate, 1, OPUS_APPLICATION_VOIP, &error);
  if (error != OPUS_OK) return Err{CodecError::Internal};
  std::unique_ptr<OpusPacketEncoder> made(new OpusPacketEncoder(encoder, parameters));
  const auto asked = static_cast<int>(std::min<std::uint32_t>(parameters.max_average_bitrate, kDefaultBitrate));
  opus_encoder_ctl(encoder, OPUS_SET_BITRATE(asked == 0 ? kDefaultBitrate : std::max(asked, kLowestBitrate)));
  opus_encoder_ctl(encoder, OPUS_SET_VBR(parameters.cbr ? 0 : 1));
  opus_encoder_ctl(encoder, OPUS_SET_DTX(parameters.use_dtx ? 1 : 0));
  opus_encoder_ctl(encoder, OPUS_SET_INBAND_FEC(parameters.use_inband_fec ? 1 : 0));
  opus_encoder_ctl(encoder, OPUS_SET_SIGNAL(OPUS_SIGNAL_VOICE));
  made->set_complexity(kDefaultComplexity);
  return std::unique_ptr<Encoder>(std::move(made));
}

common::Result<std::size_t, CodecError> OpusPacketEncoder::encode(Pcm pcm, common::MutableByteSpan out) noexcept {
  const opus_int32 size = opus_encode(encoder_.get(), pcm.data(), static_cast<int>(pcm.size()), out.data(),
                                      static_cast<opus_int32>(out.size()));
  if (size < 0) return Err{size == OPUS_BUFFER_TOO_SMALL ? CodecError::NoRoom : CodecError::Internal};
  const bool silent = use_dtx_ && size <= 2;  // libopus: such a packet need not be sent
  return silent ? std::size_t{0} : static_cast<std::size_t>(size);
}

void OpusPacketEncoder::set_complexity(int complexity) noexcept {
  opus_encoder_ctl(encoder_.get(), OPUS_SET_COMPLEXITY(std::clamp(complexity, 0, 10)));
}

void OpusPacketEncoder::set_expected_loss(int percent) noexcept {
  if (!use_fec_) return;
  opus_encoder_ctl(encoder_.get(), OPUS_SET_PACKET_LOSS_PERC(std::clamp(percent, 0, 100)));
}

}  // namespace relay::codec
