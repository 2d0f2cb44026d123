#include "relay/codec/reorder_hold.h"

#include <algorithm>
#include <cstring>

#include "relay/rtp/ssrc.h"

namespace relay::codec {

ReorderHold::Insertion ReorderHold::insert(std::uint16_t sequence, std::uint32_t timestamp, bool audio,
                                           common::ByteSpan payload, common::Instant now) noexcept {
  std::size_t place = count_;
  while (place > 0 && rtp::sequence_distance(sequence, slots_[order_[place - 1]].sequence) >= 0) --place;
  if (place < count_ && slots_[order_[place]].sequence == sequence) return Insertion::Duplicate;
  if (count_ == kCapacity) return Insertion::Full;
  const auto free_slot = order_.begin() + static_cast<std::ptrdiff_t>(count_);
  std::rotate(order_.begin() + static_cast<std::ptrdiff_t>(place), free_slot, free_slot + 1);
  HeldPacket& slot = slots_[order_[place]];
  slot.sequence = sequence;
  slot.timestamp = timestamp;
  slot.audio = audio;
  slot.arrived = now;
  slot.size = static_cast<std::uint16_t>(payload.size());
  if (!payload.empty()) std::memcpy(slot.bytes.data(), payload.data(), payload.size());
  ++count_;
  return Insertion::Held;
}

void ReorderHold::pop_front() noexcept {
  std::rotate(order_.begin(), order_.begin() + 1, order_.begin() + static_cast<std::ptrdiff_t>(count_));
  --count_;
}

}  // namespace relay::codec
