#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "common/base/bytes.h"

namespace proxy::core {

/// Deterministic authenticated encryption, AES-SIV (RFC 5297): what we hand to strangers and take back from them.
/// Equal contents give equal bytes, so a retransmission carries the same cookie. Two keys may be live at a time: the
/// current one seals, both open.
class Sealer {
 public:
  /// Sealed text is this much longer than its contents: version and key id, and a 16-byte tag.
  static constexpr std::size_t kOverhead = 17;
  static constexpr std::uint8_t kVersion = 1;

  struct Key {
    std::uint8_t id = 0;  // 0 to 15: spares an attempt with the wrong key, identifies none
    common::Bytes bytes;  // 32 (AES-128-SIV) or 64 (AES-256-SIV)
  };
  /// The key and its id out of one configured secret: the same on every node that has it.
  static Key derive(common::ByteSpan secret);

  explicit Sealer(Key current) : current_(std::move(current)) {}
  Sealer(Key current, Key other) : current_(std::move(current)), other_(std::move(other)) {}

  /// `associated`: not carried along, but the same text is needed to open. Neither may be empty.
  common::Bytes seal(common::ByteSpan contents, std::string_view associated) const;
  /// nullopt: not ours, changed, sealed for something else, or by a key that is gone.
  std::optional<common::Bytes> open(common::ByteSpan sealed, std::string_view associated) const;

 private:
  Key current_;
  std::optional<Key> other_;
};

}  // namespace proxy::core
