#pragma once

#include <string>
#include <variant>

#include "proxy/core/request_context.h"
#include "proxy/core/services.h"

namespace proxy::stage {

/// Who a digest proves the sender to be, or what to answer instead.
using Proof = std::variant<std::string, core::Reject>;

/// 401 with WWW-Authenticate for what ends here, 407 with Proxy-Authenticate for what is passed on, RFC 3261 §22.
enum class Asked : std::uint8_t { ByServer, ByProxy };
Proof check_credentials(const core::RequestContext& context, core::Services& services, Asked asked);

}  // namespace proxy::stage
