#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/result.h"
#include "proxy/transport/http_head.h"

namespace proxy::transport {

/// What a listener asks of a WebSocket client.
struct WsPolicy {
  std::string path;                  // the only one that upgrades
  std::vector<std::string> origins;  // lower case; empty: any page
};

struct WsRefusal {
  int status = 400;  // 400, 403, 404, 426
  std::string response;
};

/// Whether the request is meant for the WebSocket and not for a file.
bool is_ws_request(const HttpHead& head, const WsPolicy& policy) noexcept;

/// Opening handshake of a server, RFC 6455 §4.2, with the subprotocol `sip` of RFC 7118 §3. Gives the 101 response.
/// A request without Origin does not come from a web page and is let through.
[[nodiscard]] common::Result<std::string, WsRefusal> accept_ws(const HttpHead& head, const WsPolicy& policy);

/// Sec-WebSocket-Accept for a Sec-WebSocket-Key, RFC 6455 §1.3.
std::string ws_accept_key(std::string_view key);

}  // namespace proxy::transport
