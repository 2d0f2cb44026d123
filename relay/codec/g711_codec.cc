#include "relay/codec/g711_codec.h"

#include <algorithm>

#include "relay/codec/g711.h"

namespace relay::codec {

using common::Err;

std::size_t G711Decoder::duration(common::ByteSpan payload) const noexcept {
  return payload.size() <= kMaxPacketSamples ? payload.size() : 0;
}

common::Result<std::size_t, CodecError> G711Decoder::decode(common::ByteSpan payload, MutablePcm out) noexcept {
  if (duration(payload) == 0) return Err{CodecError::BadPayload};
  if (out.size() < payload.size()) return Err{CodecError::NoRoom};
  std::transform(payload.begin(), payload.end(), out.begin(), alaw_ ? decode_alaw : decode_ulaw);
  concealment_.on_good(out.first(payload.size()));
  return payload.size();
}

common::Result<std::size_t, CodecError> G711Encoder::encode(Pcm pcm, common::MutableByteSpan out) noexcept {
  if (out.size() < pcm.size()) return Err{CodecError::NoRoom};
  std::transform(pcm.begin(), pcm.end(), out.begin(), alaw_ ? encode_alaw : encode_ulaw);
  return pcm.size();
}

}  // namespace relay::codec
