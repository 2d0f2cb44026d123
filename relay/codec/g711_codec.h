#pragma once

#include "relay/codec/codec.h"
#include "relay/codec/waveform_concealment.h"

namespace relay::codec {

/// One octet a sample, RFC 3551 §4.5.14.
class G711Decoder final : public Decoder {
 public:
  /// `kind` is Pcmu or Pcma.
  explicit G711Decoder(Kind kind) noexcept : alaw_(kind == Kind::Pcma) {}

  std::size_t duration(common::ByteSpan payload) const noexcept override;
  common::Result<std::size_t, CodecError> decode(common::ByteSpan payload, MutablePcm out) noexcept override;
  void conceal(MutablePcm out) noexcept override { concealment_.conceal(out); }
  std::size_t recoverable(common::ByteSpan) const noexcept override { return 0; }
  void recover(common::ByteSpan, MutablePcm out) noexcept override { conceal(out); }
  void reset() noexcept override { concealment_.reset(); }

 private:
  bool alaw_;
  WaveformConcealment concealment_;
};

class G711Encoder final : public Encoder {
 public:
  explicit G711Encoder(Kind kind) noexcept : alaw_(kind == Kind::Pcma) {}

  common::Result<std::size_t, CodecError> encode(Pcm pcm, common::MutableByteSpan out) noexcept override;
  void set_complexity(int) noexcept override {}
  void set_expected_loss(int) noexcept override {}

 private:
  bool alaw_;
};

}  // namespace relay::codec
