#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/core/peer.h"
#include "proxy/core/sealer.h"

namespace proxy::core {

/// One end of a call as a BYE to it needs it, RFC 3261 §12.2.1.1.
struct TeardownEnd {
  Peer peer;
  std::string party;                   // its name-addr with tag, as it stands in From or To
  std::string target;                  // its Contact: the Request-URI
  std::vector<std::string> route_set;  // Route values behind us, nearest first
  std::uint32_t last_cseq = 0;         // of the last request that went to it, in the numbers it saw
  friend bool operator==(const TeardownEnd&, const TeardownEnd&) = default;
};

/// Left with the relay at the answer, handed back when the media has ended by itself: a call can be ended although no
/// proxy remembers it.
struct TeardownBlob {
  std::uint32_t time = 0;  // s since 1970
  std::string call_id;
  TeardownEnd caller;
  TeardownEnd callee;
  std::string caller_seen;  // the caller's name-addr with tag as the callee knows it
  friend bool operator==(const TeardownBlob&, const TeardownBlob&) = default;
};

/// Base64url. nullopt: a field is longer than a blob may carry; such a call ends by its media timeout alone.
std::optional<std::string> seal_teardown_blob(const Sealer& sealer, const TeardownBlob& blob);
std::optional<TeardownBlob> open_teardown_blob(const Sealer& sealer, std::string_view text);

}  // namespace proxy::core
