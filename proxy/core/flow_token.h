#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "proxy/core/peer.h"
#include "proxy/core/sealer.h"

namespace proxy::core {

/// The flow of a user agent that registers with somebody else through us, RFC 5626 §5.2: what our Path value names, and
/// who alone may use it.
struct FlowToken {
  Peer user_agent;
  std::uint32_t registrar = 0;  // owner_of_trunk()
  friend bool operator==(const FlowToken&, const FlowToken&) = default;
};

/// Base64url for the userinfo of a URI. The same flow gives the same text, so a refresh changes no Path.
std::string seal_flow_token(const Sealer& sealer, const FlowToken& token);
/// nullopt: not ours, or changed.
std::optional<FlowToken> open_flow_token(const Sealer& sealer, std::string_view text);

}  // namespace proxy::core
