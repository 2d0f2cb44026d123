#include "relay/codec/codec.h"

#include <algorithm>
#include <array>

#include "relay/codec/g711_codec.h"
#include "relay/codec/opus_codec.h"

namespace relay::codec {
namespace {

using common::Err;

constexpr std::array<std::uint16_t, 7> kOpusPacketTimes{120, 100, 80, 60, 40, 20, 10};
constexpr std::uint16_t kLongestPacketTime = 120;

bool is_g711(const Format& format) noexcept {
  return (format.kind == Kind::Pcmu || format.kind == Kind::Pcma) && format.clock_rate == 8000 && format.channels == 1;
}
/// Always 48000/2 in SDP, whatever is sent, RFC 7587 §4.1.
bool is_opus(const Format& format) noexcept { return format.kind == Kind::Opus && format.clock_rate == 48000; }

}  // namespace

common::Result<std::unique_ptr<Decoder>, CodecError> make_decoder(const Format& format) {
  if (is_g711(format)) return std::make_unique<G711Decoder>(format.kind);
  if (is_opus(format)) return OpusPacketDecoder::create();
  return Err{CodecError::Unsupported};
}

common::Result<std::unique_ptr<Encoder>, CodecError> make_encoder(const Format& format) {
  if (is_g711(format)) return std::make_unique<G711Encoder>(format.kind);
  if (is_opus(format)) return OpusPacketEncoder::create(format.opus);
  return Err{CodecError::Unsupported};
}

std::uint16_t usable_ptime(const Format& format) noexcept {
  const std::uint16_t wanted = std::min(format.ptime, format.max_ptime);
  if (format.kind == Kind::Opus) {
    const auto at = std::find_if(kOpusPacketTimes.begin(), kOpusPacketTimes.end(),
                                 [wanted](std::uint16_t known) { return known <= wanted; });
    return at == kOpusPacketTimes.end() ? kOpusPacketTimes.back() : *at;
  }
  return static_cast<std::uint16_t>(std::clamp<int>(wanted / 10 * 10, 10, kLongestPacketTime));
}

bool can_transcode(Kind kind) noexcept { return kind == Kind::Pcmu || kind == Kind::Pcma || kind == Kind::Opus; }

}  // namespace relay::codec
