#pragma once

#include "relay/codec/codec.h"

struct OpusDecoder;
struct OpusEncoder;

namespace relay::codec {

/// libopus decoding straight to 8 kHz mono, RFC 6716 and RFC 7587.
class OpusPacketDecoder final : public Decoder {
 public:
  [[nodiscard]] static common::Result<std::unique_ptr<Decoder>, CodecError> create();

  std::size_t duration(common::ByteSpan payload) const noexcept override;
  common::Result<std::size_t, CodecError> decode(common::ByteSpan payload, MutablePcm out) noexcept override;
  void conceal(MutablePcm out) noexcept override;
  std::size_t recoverable(common::ByteSpan successor) const noexcept override;
  void recover(common::ByteSpan successor, MutablePcm out) noexcept override;
  void reset() noexcept override;

 private:
  struct Destroy {
    void operator()(OpusDecoder* decoder) const noexcept;
  };
  explicit OpusPacketDecoder(OpusDecoder* decoder) noexcept : decoder_(decoder) {}
  std::unique_ptr<OpusDecoder, Destroy> decoder_;
};

/// libopus encoding from 8 kHz mono, with what the peer's fmtp asks for. Stereo and wide playback are permissions,
/// which a narrowband source has no use for.
class OpusPacketEncoder final : public Encoder {
 public:
  [[nodiscard]] static common::Result<std::unique_ptr<Encoder>, CodecError> create(const OpusParameters& parameters);

  common::Result<std::size_t, CodecError> encode(Pcm pcm, common::MutableByteSpan out) noexcept override;
  void set_complexity(int complexity) noexcept override;
  void set_expected_loss(int percent) noexcept override;

 private:
  struct Destroy {
    void operator()(OpusEncoder* encoder) const noexcept;
  };
  OpusPacketEncoder(OpusEncoder* encoder, const OpusParameters& parameters) noexcept
      : encoder_(encoder), use_dtx_(parameters.use_dtx), use_fec_(parameters.use_inband_fec) {}
  std::unique_ptr<OpusEncoder, Destroy> encoder_;
  bool use_dtx_;
  bool use_fec_;
};

}  // namespace relay::codec
