#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "common/base/bytes.h"
#include "common/net/address.h"

namespace relay::packet {

/// One datagram on its way through a shard, with room to grow at both ends, so that a frame moves and is never copied.
/// Lives in a shard's pool; plain memory, no ownership.
class PacketBuffer {
 public:
  static constexpr std::size_t kHeadroom = 64;
  static constexpr std::size_t kMaxDatagram = 2048;
  static constexpr std::size_t kTailroom = 192;  // SRTP trailer (SRTP_MAX_TRAILER_LEN 144) and some more

  std::uint8_t* data() noexcept { return storage_.data() + begin_; }
  const std::uint8_t* data() const noexcept { return storage_.data() + begin_; }
  std::size_t size() const noexcept { return size_; }
  common::ByteSpan span() const noexcept { return {data(), size_}; }
  common::MutableByteSpan span() noexcept { return {data(), size_}; }

  std::size_t headroom() const noexcept { return begin_; }
  std::size_t tailroom() const noexcept { return storage_.size() - begin_ - size_; }

  /// Sets the length of the content; `size` ≤ size() + tailroom().
  void resize(std::size_t size) noexcept { size_ = static_cast<std::uint16_t>(size); }
  /// Empties the buffer; the content will start behind the headroom.
  void reset() noexcept {
    begin_ = kHeadroom;
    size_ = 0;
  }
  /// Grows (`by` > 0) or shrinks the content at its front; |by| ≤ headroom() or size().
  void extend_front(int by) noexcept {
    begin_ = static_cast<std::uint16_t>(begin_ - by);
    size_ = static_cast<std::uint16_t>(size_ + by);
  }
  void assign(common::ByteSpan bytes) noexcept {
    reset();
    if (!bytes.empty()) std::memcpy(data(), bytes.data(), bytes.size());
    resize(bytes.size());
  }

  /// Where it came from (received) or goes to (to be sent).
  common::SocketAddress remote;
  /// Handle of the local port, as given out by packet_io::open().
  std::uint32_t port_handle = 0;

 private:
  std::uint16_t begin_ = kHeadroom;
  std::uint16_t size_ = 0;
  std::array<std::uint8_t, kHeadroom + kMaxDatagram + kTailroom> storage_;
};

}  // namespace relay::packet
