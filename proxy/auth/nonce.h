#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/base/bytes.h"
#include "common/crypto/random.h"
#include "common/net/address.h"
#include "common/time/instant.h"

namespace proxy::auth {

/// What a nonce is valid for besides its time. Borrows.
struct NonceScope {
  std::string_view realm;
  std::string_view method;
  std::string_view call_id;
  common::IpAddress source;
};

/// Nonces that need no memory: time, salt and an HMAC over them and their scope. Any node with the key can check them.
class NonceMaker {
 public:
  NonceMaker(common::Bytes key, common::crypto::Random& random) : key_(std::move(key)), random_(random) {}

  void set_key(common::Bytes key) { key_ = std::move(key); }

  std::string make(const NonceScope& scope, common::WallTime now);

  /// When this nonce was made, if we made it for this scope; nullopt: foreign, forged or for another scope.
  std::optional<common::WallTime> made_at(std::string_view nonce, const NonceScope& scope) const;

 private:
  common::Bytes seal(common::ByteSpan head, const NonceScope& scope) const;

  common::Bytes key_;
  common::crypto::Random& random_;
};

}  // namespace proxy::auth
