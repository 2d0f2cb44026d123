#include "relay/stun/message_writer.h"

#include <algorithm>

#include "common/crypto/digest.h"
#include "relay/stun/checksum.h"

namespace relay::stun {
namespace {

constexpr std::size_t kAttributeHeader = 4;
constexpr std::size_t kIntegritySize = 20;
constexpr std::size_t kFingerprintSize = 4;
constexpr std::size_t kMaxUsername = 508;  // RFC 8489 §14.3: less than 509 bytes
constexpr std::size_t kMaxText = 128;      // 128 characters, which an ASCII text of ours has as bytes

constexpr std::uint16_t type_of(MessageClass message_class, std::uint16_t method) noexcept {
  const auto bits = static_cast<unsigned>(message_class);
  return static_cast<std::uint16_t>((method & 0x00FU) | ((method & 0x070U) << 1) | ((method & 0xF80U) << 2) |
                                    ((bits & 1U) << 4) | ((bits & 2U) << 7));
}

}  // namespace

MessageWriter::MessageWriter(MessageClass message_class, std::uint16_t method, const TransactionId& transaction_id)
    : out_(kHeaderSize) {
  out_.reserve(160);  // a check with all it carries
  common::store_be16(&out_[0], type_of(message_class, method));
  common::store_be32(&out_[4], kMagicCookie);
  std::ranges::copy(transaction_id, out_.begin() + 8);
}

MessageWriter& MessageWriter::attribute(Attribute type, common::ByteSpan value) {
  const std::size_t at = out_.size();
  const std::size_t padded = (value.size() + 3) & ~std::size_t{3};
  out_.resize(at + kAttributeHeader + padded);
  common::store_be16(&out_[at], static_cast<std::uint16_t>(type));
  common::store_be16(&out_[at + 2], static_cast<std::uint16_t>(value.size()));
  std::ranges::copy(value, out_.begin() + static_cast<std::ptrdiff_t>(at + kAttributeHeader));
  return *this;
}

MessageWriter& MessageWriter::username(std::string_view value) {
  return attribute(Attribute::Username, common::as_bytes(value.substr(0, kMaxUsername)));
}

MessageWriter& MessageWriter::software(std::string_view value) {
  return attribute(Attribute::Software, common::as_bytes(value.substr(0, kMaxText)));
}

MessageWriter& MessageWriter::priority(std::uint32_t value) {
  std::uint8_t field[4];
  common::store_be32(field, value);
  return attribute(Attribute::Priority, field);
}

MessageWriter& MessageWriter::use_candidate() { return attribute(Attribute::UseCandidate, {}); }

MessageWriter& MessageWriter::controlling(std::uint64_t tie_breaker) {
  std::uint8_t field[8];
  common::store_be64(field, tie_breaker);
  return attribute(Attribute::IceControlling, field);
}

MessageWriter& MessageWriter::controlled(std::uint64_t tie_breaker) {
  std::uint8_t field[8];
  common::store_be64(field, tie_breaker);
  return attribute(Attribute::IceControlled, field);
}

MessageWriter& MessageWriter::xor_mapped_address(const common::SocketAddress& address) {
  const common::ByteSpan octets = address.ip.octets();
  std::array<std::uint8_t, 20> field{};
  field[1] = address.ip.is_v4() ? 1 : 2;
  common::store_be16(&field[2], static_cast<std::uint16_t>(address.port.value ^ (kMagicCookie >> 16)));
  for (std::size_t i = 0; i < octets.size(); ++i) field[4 + i] = static_cast<std::uint8_t>(octets[i] ^ out_[4 + i]);
  return attribute(Attribute::XorMappedAddress, {field.data(), 4 + octets.size()});
}

MessageWriter& MessageWriter::error_code(std::uint16_t code, std::string_view reason) {
  common::ByteWriter field;
  field.u16(0).u8(static_cast<std::uint8_t>(code / 100)).u8(static_cast<std::uint8_t>(code % 100));
  field.text(reason.substr(0, kMaxText));
  return attribute(Attribute::ErrorCode, field.view());
}

MessageWriter& MessageWriter::unknown_attributes(std::span<const std::uint16_t> types) {
  common::ByteWriter field;
  for (const std::uint16_t type : types) field.u16(type);
  return attribute(Attribute::UnknownAttributes, field.view());
}

void MessageWriter::set_length(std::size_t attributes_size) noexcept {
  common::store_be16(&out_[2], static_cast<std::uint16_t>(attributes_size));
}

common::Bytes MessageWriter::finish() {
  set_length(out_.size() - kHeaderSize + kAttributeHeader + kFingerprintSize);
  std::uint8_t field[kFingerprintSize];
  common::store_be32(field, fingerprint_of(out_));
  attribute(Attribute::Fingerprint, field);
  return std::move(out_);
}

common::Bytes MessageWriter::finish(std::string_view password) {
  set_length(out_.size() - kHeaderSize + kAttributeHeader + kIntegritySize);
  attribute(Attribute::MessageIntegrity, common::crypto::hmac_sha1(common::as_bytes(password), out_));
  return finish();
}

}  // namespace relay::stun
