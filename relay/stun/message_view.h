#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "common/base/bytes.h"
#include "common/base/result.h"
#include "common/net/address.h"
#include "relay/stun/types.h"

namespace relay::stun {

enum class ParseError : std::uint8_t {
  Truncated,  // shorter than a header, or than its own length field says
  TooLong,    // more bytes than the length field says, or above kMaxMessage
  NotStun,    // first bits or magic cookie
  BadLength,  // length field not a multiple of four
  BadAttribute,
};

struct ErrorCode {
  std::uint16_t code = 0;   // 300 to 699
  std::string_view reason;  // borrowed from the message
};

/// Read-only view of one STUN message, RFC 8489 §5 and §14. Borrows `bytes`: keep them alive and unmoved.
/// Of a repeated attribute only the first counts; what stands behind MESSAGE-INTEGRITY is ignored, except FINGERPRINT.
class MessageView {
 public:
  /// Checks every length once and never allocates. Says nothing about authenticity.
  [[nodiscard]] static common::Result<MessageView, ParseError> parse(common::ByteSpan bytes) noexcept;

  MessageClass message_class() const noexcept { return class_; }
  std::uint16_t method() const noexcept { return method_; }
  const TransactionId& transaction_id() const noexcept { return transaction_id_; }

  /// Value of an attribute of this list without padding; nullopt when absent. MESSAGE-INTEGRITY and FINGERPRINT
  /// included, comprehension-optional attributes outside of `Attribute` not.
  std::optional<common::ByteSpan> find(Attribute attribute) const noexcept;

  /// Each is nullopt when the attribute is absent or has a wrong length.
  std::optional<std::string_view> username() const noexcept;
  std::optional<std::uint32_t> priority() const noexcept;
  std::optional<std::uint64_t> controlling() const noexcept;  // tie breaker
  std::optional<std::uint64_t> controlled() const noexcept;   // tie breaker
  bool use_candidate() const noexcept { return find(Attribute::UseCandidate).has_value(); }
  std::optional<ErrorCode> error_code() const noexcept;
  std::optional<std::string_view> software() const noexcept;
  /// XOR-MAPPED-ADDRESS §14.2, decoded.
  std::optional<common::SocketAddress> xor_mapped_address() const noexcept;

  /// Comprehension-required attributes we do not know (types below 0x8000, §14); at most the first eight.
  std::span<const std::uint16_t> unknown_required() const noexcept { return {unknown_.data(), unknown_count_}; }

  bool has_integrity() const noexcept { return find(Attribute::MessageIntegrity).has_value(); }
  bool has_fingerprint() const noexcept { return find(Attribute::Fingerprint).has_value(); }
  /// HMAC-SHA1 under a short-term password, §14.5; constant time. False when the attribute is absent.
  bool integrity_matches(std::string_view password) const;
  /// CRC-32, §14.7. False when absent or not the last attribute.
  bool fingerprint_matches() const noexcept;

 private:
  static constexpr std::size_t kMaxUnknown = 8;
  static constexpr std::size_t kKnown = 17;
  /// Where a value starts and how long it is; start 0: absent (a header stands there).
  struct Slot {
    std::uint16_t start = 0;
    std::uint16_t size = 0;
  };

  std::optional<ParseError> scan_attributes() noexcept;
  void remember(std::uint16_t type, Slot slot) noexcept;
  std::optional<std::uint64_t> tie_breaker(Attribute attribute) const noexcept;

  common::ByteSpan bytes_;
  MessageClass class_ = MessageClass::Request;
  std::uint16_t method_ = 0;
  TransactionId transaction_id_{};
  std::array<Slot, kKnown> slots_{};
  std::array<std::uint16_t, kMaxUnknown> unknown_{};
  std::size_t unknown_count_ = 0;
};

}  // namespace relay::stun
