#pragma once

#include <optional>
#include <string>

#include "proxy/sip/message.h"

namespace proxy::transaction {

/// What makes two messages belong to one transaction. Ordered, not hashed: peers choose its parts.
struct Key {
  std::string text;
  friend auto operator<=>(const Key&, const Key&) = default;
};

/// Of a request as received, RFC 3261 §17.2.3, before anything was changed in it. ACK gets the key of its INVITE.
/// Without the magic cookie in the branch the fields of RFC 2543 count. nullopt: Via or CSeq are unusable.
std::optional<Key> server_key(const sip::Message& request);

/// Of the INVITE that this CANCEL is for, §9.2.
std::optional<Key> cancelled_key(const sip::Message& cancel);

/// Of a request about to be sent, or of a response received: branch of the topmost Via and method, §17.1.3.
std::optional<Key> client_key(const sip::Message& message);

}  // namespace proxy::transaction
