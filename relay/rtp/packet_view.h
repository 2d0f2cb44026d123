#pragma once

#include <cstdint>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "relay/rtp/ssrc.h"

namespace relay::rtp {

inline constexpr std::size_t kFixedHeaderSize = 12;

enum class ParseError : std::uint8_t { Truncated, BadVersion, BadPadding };

/// Read-only view of one RTP packet, RFC 3550 §5.1.
/// Borrows the bytes: keep the buffer alive and unmoved while the view is in use.
class PacketView {
 public:
  /// Checks every length once, so that each accessor is a plain load. Never allocates.
  /// `padding` may be Ignore for a packet still encrypted: its last byte is no padding length yet.
  enum class Padding : std::uint8_t { Check, Ignore };
  [[nodiscard]] static common::Result<PacketView, ParseError> parse(common::ByteSpan bytes,
                                                                    Padding padding = Padding::Check) noexcept;

  bool marker() const noexcept { return (bytes_[1] & 0x80) != 0; }
  std::uint8_t payload_type() const noexcept { return bytes_[1] & 0x7f; }
  std::uint16_t sequence() const noexcept { return common::load_be16(bytes_.data() + 2); }
  std::uint32_t timestamp() const noexcept { return common::load_be32(bytes_.data() + 4); }
  Ssrc ssrc() const noexcept { return {common::load_be32(bytes_.data() + 8)}; }

  std::size_t csrc_count() const noexcept { return bytes_[0] & 0x0f; }
  /// `index` < csrc_count().
  Ssrc csrc(std::size_t index) const noexcept {
    return {common::load_be32(bytes_.data() + kFixedHeaderSize + 4 * index)};
  }

  bool has_extension() const noexcept { return (bytes_[0] & 0x10) != 0; }
  /// "Defined by profile" field, e.g. 0xBEDE for RFC 8285 §4.2; only with has_extension().
  std::uint16_t extension_profile() const noexcept { return common::load_be16(bytes_.data() + extension_at()); }
  /// Content of the header extension without its four-byte head; empty without has_extension().
  common::ByteSpan extension() const noexcept {
    return has_extension() ? bytes_.subspan(extension_at() + 4, payload_at_ - extension_at() - 4) : common::ByteSpan{};
  }

  std::size_t header_size() const noexcept { return payload_at_; }
  std::size_t padding_size() const noexcept { return padding_; }
  /// Between header and padding; may be empty.
  common::ByteSpan payload() const noexcept {
    return bytes_.subspan(payload_at_, bytes_.size() - payload_at_ - padding_);
  }

 private:
  explicit PacketView(common::ByteSpan bytes) noexcept : bytes_(bytes) {}
  std::size_t extension_at() const noexcept { return kFixedHeaderSize + 4 * csrc_count(); }

  common::ByteSpan bytes_;
  std::size_t payload_at_ = kFixedHeaderSize;
  std::size_t padding_ = 0;
};

}  // namespace relay::rtp
