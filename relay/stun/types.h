#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// STUN as ICE uses it: Binding over UDP with short-term credentials, RFC 8489.
namespace relay::stun {

enum class MessageClass : std::uint8_t { Request, Indication, Success, Error };

constexpr std::uint16_t kBinding = 0x001;  // the only method ICE knows
constexpr std::uint32_t kMagicCookie = 0x2112A442;
constexpr std::size_t kHeaderSize = 20;
/// More than fits a path without fragments; a longer message is refused before it is looked at.
constexpr std::size_t kMaxMessage = 1500;

using TransactionId = std::array<std::uint8_t, 12>;

/// RFC 8489 §18.3, RFC 8445 §16.1.
enum class Attribute : std::uint16_t {
  MappedAddress = 0x0001,
  Username = 0x0006,
  MessageIntegrity = 0x0008,
  ErrorCode = 0x0009,
  UnknownAttributes = 0x000A,
  Realm = 0x0014,
  Nonce = 0x0015,
  MessageIntegritySha256 = 0x001C,
  PasswordAlgorithm = 0x001D,
  Userhash = 0x001E,
  XorMappedAddress = 0x0020,
  Priority = 0x0024,
  UseCandidate = 0x0025,
  Software = 0x8022,
  Fingerprint = 0x8028,
  IceControlled = 0x8029,
  IceControlling = 0x802A,
};

constexpr std::uint16_t kBadRequest = 400;
constexpr std::uint16_t kUnauthenticated = 401;
constexpr std::uint16_t kForbidden = 403;  // RFC 7675 §5.2: consent revoked
constexpr std::uint16_t kUnknownAttribute = 420;
constexpr std::uint16_t kRoleConflict = 487;

}  // namespace relay::stun
