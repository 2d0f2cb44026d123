#pragma once

#include <memory>

#include "benchmarks/system/relay_capacity/scenario.h"
#include "common/base/bytes.h"
#include "relay/codec/codec.h"

namespace benchmarks {

/// Decodes what a party hears and measures how loud it is.
class Listener {
 public:
  /// Throws std::runtime_error when there is no decoder.
  explicit Listener(Codec codec);
  /// False: the payload does not decode.
  bool hear(common::ByteSpan payload);
  /// Root mean square of everything heard, of 32768.
  double loudness() const;

 private:
  std::unique_ptr<relay::codec::Decoder> decoder_;
  double energy_ = 0;
  std::size_t samples_ = 0;
};

}  // namespace benchmarks
