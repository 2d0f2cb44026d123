#pragma once

#include <array>
#include <cstring>

#include "relay/codec/codec.h"

namespace relay::codec {

/// Samples between decoder and encoder. Contiguous at both ends, so that codecs work in it without a copy.
class PcmFifo {
 public:
  /// Two of the longest packets: one being decoded behind the rest of one not encoded yet.
  static constexpr std::size_t kCapacity = 2 * kMaxPacketSamples;

  std::size_t size() const noexcept { return end_ - begin_; }
  std::size_t room() const noexcept { return kCapacity - size(); }
  /// `count` ≤ size().
  Pcm front(std::size_t count) const noexcept { return {samples_.data() + begin_, count}; }
  void drop(std::size_t count) noexcept { begin_ += count; }
  /// Room to write `count` samples, to be followed by commit(); `count` ≤ room().
  MutablePcm prepare(std::size_t count) noexcept {
    if (kCapacity - end_ < count) compact();
    return {samples_.data() + end_, count};
  }
  void commit(std::size_t count) noexcept { end_ += count; }

 private:
  void compact() noexcept {
    std::memmove(samples_.data(), samples_.data() + begin_, size() * sizeof(std::int16_t));
    end_ -= begin_;
    begin_ = 0;
  }

  std::array<std::int16_t, kCapacity> samples_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace relay::codec
