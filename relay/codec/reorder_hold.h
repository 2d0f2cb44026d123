#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "common/base/bytes.h"
#include "common/time/instant.h"

namespace relay::codec {

/// A packet waiting for its turn. `audio` is false for one that only fills its place in the sequence.
struct HeldPacket {
  std::uint16_t sequence = 0;
  std::uint32_t timestamp = 0;
  bool audio = false;
  common::Instant arrived{};
  std::uint16_t size = 0;
  std::array<std::uint8_t, 1500> bytes;
  common::ByteSpan payload() const noexcept { return {bytes.data(), size}; }
};

/// Few packets, kept in the order of their sequence numbers, relative to the number expected next.
class ReorderHold {
 public:
  static constexpr std::size_t kCapacity = 4;
  enum class Insertion : std::uint8_t { Held, Duplicate, Full };

  /// `payload` is copied and at most 1500 bytes long.
  Insertion insert(std::uint16_t sequence, std::uint32_t timestamp, bool audio, common::ByteSpan payload,
                   common::Instant now) noexcept;
  /// The oldest by sequence number; nullptr when empty. Valid until the next call that changes the hold.
  const HeldPacket* front() const noexcept { return count_ == 0 ? nullptr : &slots_[order_[0]]; }
  void pop_front() noexcept;
  void clear() noexcept { count_ = 0; }
  std::size_t size() const noexcept { return count_; }

 private:
  std::array<HeldPacket, kCapacity> slots_;
  std::array<std::uint8_t, kCapacity> order_{0, 1, 2, 3};  // [0, count_): held; behind: free slots
  std::size_t count_ = 0;
};

}  // namespace relay::codec
