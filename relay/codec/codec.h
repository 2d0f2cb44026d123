#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "relay/codec/format.h"

/// Audio codecs as the transcoder sees them. Everything in between is linear PCM, 16 bits, one channel, 8 kHz: the
/// narrowest rate that loses nothing of G.711, and one Opus decodes to and encodes from by itself.
namespace relay::codec {

inline constexpr std::uint32_t kPcmRate = 8000;                          // Hz
inline constexpr std::size_t kMaxPacketSamples = kPcmRate * 120 / 1000;  // longest packet handled: 120 ms

using Pcm = std::span<const std::int16_t>;
using MutablePcm = std::span<std::int16_t>;

enum class CodecError : std::uint8_t { Unsupported, BadPayload, NoRoom, Internal };

/// One received stream. Allocates at creation only.
class Decoder {
 public:
  virtual ~Decoder() = default;

  /// Samples `payload` decodes to, without decoding it; 0 if it is malformed, empty or longer than 120 ms.
  virtual std::size_t duration(common::ByteSpan payload) const noexcept = 0;
  /// Decodes a whole payload; `out` has room for duration(payload) samples. Gives the samples written.
  [[nodiscard]] virtual common::Result<std::size_t, CodecError> decode(common::ByteSpan payload,
                                                                       MutablePcm out) noexcept = 0;
  /// Fills all of `out` with what probably stood in a lost packet.
  virtual void conceal(MutablePcm out) noexcept = 0;
  /// Samples at the end of a loss that `successor` carries a second time (in-band FEC); 0: none.
  virtual std::size_t recoverable(common::ByteSpan successor) const noexcept = 0;
  /// Fills `out`, of recoverable(successor) samples, from that copy. Decode `successor` itself afterwards.
  virtual void recover(common::ByteSpan successor, MutablePcm out) noexcept = 0;
  /// Forgets the stream so far.
  virtual void reset() noexcept = 0;
};

/// One sent stream. Allocates at creation only.
class Encoder {
 public:
  virtual ~Encoder() = default;

  /// Encodes one packet of `pcm`, whose length is a packet time the codec knows. Gives the bytes written to `out`;
  /// 0: nothing to send for this packet time (DTX).
  [[nodiscard]] virtual common::Result<std::size_t, CodecError> encode(Pcm pcm,
                                                                       common::MutableByteSpan out) noexcept = 0;
  /// 0 (cheapest) to 10; ignored where it means nothing.
  virtual void set_complexity(int complexity) noexcept = 0;
  /// What the receiver reports, 0 to 100; steers in-band FEC where the peer asked for it, and is ignored elsewhere.
  virtual void set_expected_loss(int percent) noexcept = 0;
};

/// Errors: Unsupported (kind, clock rate or channels), Internal (memory).
[[nodiscard]] common::Result<std::unique_ptr<Decoder>, CodecError> make_decoder(const Format& format);
[[nodiscard]] common::Result<std::unique_ptr<Encoder>, CodecError> make_encoder(const Format& format);

/// The packet time, in ms, that is sent to the peer of `format`: what the encoder can make that is nearest to and not
/// above both its `ptime` and its `max_ptime`; at least 10.
std::uint16_t usable_ptime(const Format& format) noexcept;

/// True for a kind the transcoder can decode and encode.
bool can_transcode(Kind kind) noexcept;

}  // namespace relay::codec
