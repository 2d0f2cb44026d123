#include "relay/stun/message_view.h"

#include <algorithm>
#include <iterator>

#include "common/crypto/digest.h"
#include "relay/stun/checksum.h"

namespace relay::stun {
namespace {

constexpr std::size_t kAttributeHeader = 4;
constexpr std::size_t kIntegritySize = 20;  // HMAC-SHA1
constexpr std::uint16_t kComprehensionOptional = 0x8000;

constexpr Attribute kKnownAttributes[] = {Attribute::MappedAddress,
                                          Attribute::Username,
                                          Attribute::MessageIntegrity,
                                          Attribute::ErrorCode,
                                          Attribute::UnknownAttributes,
                                          Attribute::Realm,
                                          Attribute::Nonce,
                                          Attribute::MessageIntegritySha256,
                                          Attribute::PasswordAlgorithm,
                                          Attribute::Userhash,
                                          Attribute::XorMappedAddress,
                                          Attribute::Priority,
                                          Attribute::UseCandidate,
                                          Attribute::Software,
                                          Attribute::Fingerprint,
                                          Attribute::IceControlled,
                                          Attribute::IceControlling};

constexpr std::size_t slot_of(Attribute attribute) noexcept {
  return static_cast<std::size_t>(std::ranges::find(kKnownAttributes, attribute) - std::begin(kKnownAttributes));
}

/// RFC 8489 §5: class bits C1 and C0 stand between the method's bits.
constexpr MessageClass class_of(std::uint16_t type) noexcept {
  constexpr MessageClass kClasses[] = {MessageClass::Request, MessageClass::Indication, MessageClass::Success,
                                       MessageClass::Error};
  return kClasses[((type >> 7) & 2) | ((type >> 4) & 1)];
}
constexpr std::uint16_t method_of(std::uint16_t type) noexcept {
  return static_cast<std::uint16_t>((type & 0x000F) | ((type & 0x00E0) >> 1) | ((type & 0x3E00) >> 2));
}

std::optional<common::SocketAddress> decode_xored(common::ByteSpan value, const std::uint8_t* cookie_and_id) noexcept {
  constexpr std::size_t kFront = 4;  // reserved, family, port
  if (value.size() < kFront) return std::nullopt;
  const auto port = static_cast<std::uint16_t>(common::load_be16(&value[2]) ^ (kMagicCookie >> 16));
  const auto unmask = [&](auto& octets) {
    for (std::size_t i = 0; i < octets.size(); ++i)
      octets[i] = static_cast<std::uint8_t>(value[kFront + i] ^ cookie_and_id[i]);
  };
  if (value[1] == 1 && value.size() == kFront + 4) {
    std::array<std::uint8_t, 4> octets;
    unmask(octets);
    return common::SocketAddress{common::IpAddress::v4(octets), {port}};
  }
  if (value[1] == 2 && value.size() == kFront + 16) {
    std::array<std::uint8_t, 16> octets;
    unmask(octets);
    return common::SocketAddress{common::IpAddress::v6(octets), {port}};
  }
  return std::nullopt;
}

}  // namespace

common::Result<MessageView, ParseError> MessageView::parse(common::ByteSpan bytes) noexcept {
  using common::Err;
  static_assert(std::size(kKnownAttributes) == kKnown);
  if (bytes.size() > kMaxMessage) return Err{ParseError::TooLong};
  if (bytes.size() < kHeaderSize) return Err{ParseError::Truncated};
  const std::uint16_t type = common::load_be16(bytes.data());
  if ((type & 0xC000) != 0 || common::load_be32(&bytes[4]) != kMagicCookie) return Err{ParseError::NotStun};
  const std::size_t length = common::load_be16(&bytes[2]);
  if (length % 4 != 0) return Err{ParseError::BadLength};
  if (kHeaderSize + length > bytes.size()) return Err{ParseError::Truncated};
  if (kHeaderSize + length < bytes.size()) return Err{ParseError::TooLong};

  MessageView view;
  view.bytes_ = bytes;
  view.class_ = class_of(type);
  view.method_ = method_of(type);
  std::ranges::copy(bytes.subspan(8, view.transaction_id_.size()), view.transaction_id_.begin());
  if (const auto error = view.scan_attributes()) return Err{*error};
  return view;
}

std::optional<ParseError> MessageView::scan_attributes() noexcept {
  bool behind_integrity = false;
  std::size_t at = kHeaderSize;
  while (at < bytes_.size()) {
    if (bytes_.size() - at < kAttributeHeader) return ParseError::BadAttribute;
    const std::uint16_t type = common::load_be16(&bytes_[at]);
    const std::uint16_t size = common::load_be16(&bytes_[at + 2]);
    const std::size_t padded = (std::size_t{size} + 3) & ~std::size_t{3};
    at += kAttributeHeader;
    if (padded > bytes_.size() - at) return ParseError::BadAttribute;
    if (!behind_integrity || type == static_cast<std::uint16_t>(Attribute::Fingerprint)) {
      remember(type, {static_cast<std::uint16_t>(at), size});
    }
    behind_integrity = behind_integrity || type == static_cast<std::uint16_t>(Attribute::MessageIntegrity);
    at += padded;
  }
  return std::nullopt;
}

void MessageView::remember(std::uint16_t type, Slot slot) noexcept {
  const std::size_t index = slot_of(static_cast<Attribute>(type));
  if (index < kKnown) {
    if (slots_[index].start == 0) slots_[index] = slot;
  } else if (type < kComprehensionOptional && unknown_count_ < kMaxUnknown) {
    unknown_[unknown_count_++] = type;
  }
}

std::optional<common::ByteSpan> MessageView::find(Attribute attribute) const noexcept {
  const std::size_t index = slot_of(attribute);
  if (index >= kKnown || slots_[index].start == 0) return std::nullopt;
  return bytes_.subspan(slots_[index].start, slots_[index].size);
}

std::optional<std::string_view> MessageView::username() const noexcept {
  const auto value = find(Attribute::Username);
  if (!value) return std::nullopt;
  return common::as_text(*value);
}

std::optional<std::string_view> MessageView::software() const noexcept {
  const auto value = find(Attribute::Software);
  if (!value) return std::nullopt;
  return common::as_text(*value);
}

std::optional<std::uint32_t> MessageView::priority() const noexcept {
  const auto value = find(Attribute::Priority);
  if (!value || value->size() != 4) return std::nullopt;
  return common::load_be32(value->data());
}

std::optional<std::uint64_t> MessageView::tie_breaker(Attribute attribute) const noexcept {
  const auto value = find(attribute);
  if (!value || value->size() != 8) return std::nullopt;
  return common::load_be64(value->data());
}

std::optional<std::uint64_t> MessageView::controlling() const noexcept {
  return tie_breaker(Attribute::IceControlling);
}
std::optional<std::uint64_t> MessageView::controlled() const noexcept { return tie_breaker(Attribute::IceControlled); }

std::optional<ErrorCode> MessageView::error_code() const noexcept {
  const auto value = find(Attribute::ErrorCode);
  if (!value || value->size() < 4) return std::nullopt;
  const unsigned hundreds = (*value)[2] & 7U;
  const unsigned rest = (*value)[3];
  if (hundreds < 3 || hundreds > 6 || rest > 99) return std::nullopt;
  return ErrorCode{static_cast<std::uint16_t>(hundreds * 100 + rest), common::as_text(value->subspan(4))};
}

std::optional<common::SocketAddress> MessageView::xor_mapped_address() const noexcept {
  const auto value = find(Attribute::XorMappedAddress);
  if (!value) return std::nullopt;
  return decode_xored(*value, &bytes_[4]);
}

bool MessageView::integrity_matches(std::string_view password) const {
  const auto value = find(Attribute::MessageIntegrity);
  if (!value || value->size() != kIntegritySize) return false;
  const auto covered = static_cast<std::size_t>(value->data() - bytes_.data()) - kAttributeHeader;
  std::array<std::uint8_t, kMaxMessage> text;
  std::ranges::copy(bytes_.first(covered), text.begin());
  // The length counts up to the end of MESSAGE-INTEGRITY, whatever follows it.
  common::store_be16(&text[2], static_cast<std::uint16_t>(covered - kHeaderSize + kAttributeHeader + kIntegritySize));
  const auto expected = common::crypto::hmac_sha1(common::as_bytes(password), {text.data(), covered});
  return common::crypto::constant_time_equal(expected, *value);
}

bool MessageView::fingerprint_matches() const noexcept {
  const auto value = find(Attribute::Fingerprint);
  if (!value || value->size() != 4 || value->data() + 4 != bytes_.data() + bytes_.size()) return false;
  const std::uint32_t expected = fingerprint_of(bytes_.first(bytes_.size() - 4 - kAttributeHeader));
  std::uint8_t stored[4];
  common::store_be32(stored, expected);
  return common::crypto::constant_time_equal(stored, *value);
}

}  // namespace relay::stun
