#pragma once

#include <cstdint>
#include <optional>

#include "common/base/bytes.h"
#include "common/base/result.h"

namespace relay::rtcp {

enum class PacketType : std::uint8_t {
  SenderReport = 200,       // RFC 3550 §6.4.1
  ReceiverReport = 201,     // §6.4.2
  SourceDescription = 202,  // §6.5
  Bye = 203,                // §6.6
  App = 204,                // §6.7
  TransportFeedback = 205,  // RFC 4585 §6.2
  PayloadFeedback = 206,    // RFC 4585 §6.3
  ExtendedReport = 207,     // RFC 3611
};

enum class ParseError : std::uint8_t { Truncated, BadVersion, BadLength, BadPadding, BadContent };

/// One packet of a compound. Borrows the datagram. `type` may be a value PacketType does not name: pass it over.
struct Packet {
  PacketType type{};
  std::uint8_t count = 0;  // report count, source count, subtype or feedback format
  common::ByteSpan body;   // behind the four-byte header, without padding
  common::ByteSpan whole;  // header and padding included
};

/// A compound packet, or one of reduced size (RFC 5506), checked as a whole before anything is read:
/// versions, lengths that add up exactly, padding only in the last packet.
class CompoundView {
 public:
  [[nodiscard]] static common::Result<CompoundView, ParseError> parse(common::ByteSpan bytes) noexcept;

  /// From front to back; nothing after the last one.
  std::optional<Packet> next() noexcept;

 private:
  explicit CompoundView(common::ByteSpan bytes) noexcept : rest_(bytes) {}
  common::ByteSpan rest_;
};

}  // namespace relay::rtcp
