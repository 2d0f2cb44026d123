#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/base/bytes.h"

namespace proxy::core {

/// 32 bytes for one purpose out of a secret of any length. `label` tells purposes apart.
common::Bytes derive_key(common::ByteSpan secret, std::string_view label);

/// Deterministic authenticated encryption, AES-SIV (RFC 5297): what we hand to strangers and take back from them.
/// Equal contents give equal bytes, so a retransmission carries the same cookie. Two keys are live at a time: the
/// current one seals, both open.
class Sealer {
 public:
  /// Sealed text is this much longer than its contents: version and key id, and a 16-byte tag.
  static constexpr std::size_t kOverhead = 17;
  static constexpr std::uint8_t kVersion = 1;

  struct Key {
    std::uint8_t id = 0;  // 0 to 15
    common::Bytes bytes;  // 32 (AES-128-SIV) or 64 (AES-256-SIV)
  };
  /// A key out of one configured secret.
  static Key derive(std::uint8_t id, common::ByteSpan secret);

  explicit Sealer(Key current) : current_(std::move(current)) {}
  Sealer(Key current, Key previous) : current_(std::move(current)), previous_(std::move(previous)) {}

  /// `next` seals from now on; what the key before it sealed still opens.
  void rotate(Key next);

  /// `associated`: not carried along, but the same text is needed to open. Neither may be empty.
  common::Bytes seal(common::ByteSpan contents, std::string_view associated) const;
  /// nullopt: not ours, changed, sealed for something else, or by a key that is gone.
  std::optional<common::Bytes> open(common::ByteSpan sealed, std::string_view associated) const;

 private:
  const Key* key_with(std::uint8_t id) const noexcept;

  Key current_;
  std::optional<Key> previous_;
};

}  // namespace proxy::core
