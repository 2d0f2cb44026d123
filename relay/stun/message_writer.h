#pragma once

#include <span>
#include <string_view>

#include "common/base/bytes.h"
#include "common/net/address.h"
#include "relay/stun/types.h"

namespace relay::stun {

/// Builds one STUN message, RFC 8489 §5; attributes stand in the order of the calls.
/// Texts longer than their RFC limit are cut. Not for the packet path: it allocates.
class MessageWriter {
 public:
  MessageWriter(MessageClass message_class, std::uint16_t method, const TransactionId& transaction_id);

  MessageWriter& username(std::string_view value);
  MessageWriter& software(std::string_view value);
  MessageWriter& priority(std::uint32_t value);
  MessageWriter& use_candidate();
  MessageWriter& controlling(std::uint64_t tie_breaker);
  MessageWriter& controlled(std::uint64_t tie_breaker);
  MessageWriter& xor_mapped_address(const common::SocketAddress& address);
  /// `code` 300 to 699.
  MessageWriter& error_code(std::uint16_t code, std::string_view reason);
  MessageWriter& unknown_attributes(std::span<const std::uint16_t> types);

  /// The message closed by FINGERPRINT. The writer is spent.
  common::Bytes finish();
  /// The message closed by MESSAGE-INTEGRITY under the short-term `password` and FINGERPRINT. The writer is spent.
  common::Bytes finish(std::string_view password);

 private:
  MessageWriter& attribute(Attribute type, common::ByteSpan value);
  void set_length(std::size_t attributes_size) noexcept;

  common::Bytes out_;
};

}  // namespace relay::stun
