#include "proxy/transport/ws_handshake.h"

#include <fmt/format.h>

#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/crypto/digest.h"

namespace proxy::transport {
namespace {

constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t kKeySize = 16;

common::Err<WsRefusal> refuse(int status, std::string_view why, std::string_view fields = {}) {
  const std::string all = fmt::format("{}Content-Type: text/plain; charset=utf-8\r\n", fields);
  return common::Err{WsRefusal{status, http_response(status, all, why, false)}};
}

bool is_key(std::string_view key) {
  const auto bytes = common::base64_decode(key);
  return bytes && bytes->size() == kKeySize && key.size() == 24;
}

bool is_allowed(std::string_view origin, const WsPolicy& policy) {
  if (origin.empty() || policy.origins.empty()) return true;
  return std::ranges::any_of(policy.origins, [&](const std::string& one) { return common::iequals(one, origin); });
}

}  // namespace

std::string ws_accept_key(std::string_view key) {
  std::string text{key};
  text += kGuid;
  return common::base64_encode(common::crypto::sha1(common::as_bytes(text)));
}

bool is_ws_request(const HttpHead& head, const WsPolicy& policy) noexcept {
  return head.path() == policy.path || head.lists("upgrade", "websocket");
}

common::Result<std::string, WsRefusal> accept_ws(const HttpHead& head, const WsPolicy& policy) {
  if (head.path() != policy.path) return refuse(404, "no WebSocket here\n");
  if (head.method != "GET") return refuse(400, "a WebSocket begins with GET\n");
  if (!head.lists("upgrade", "websocket") || !head.lists("connection", "upgrade"))
    return refuse(426, "this is a WebSocket\n", "Upgrade: websocket\r\n");
  if (head.value("sec-websocket-version") != "13" || head.count("sec-websocket-version") != 1)
    return refuse(426, "version 13 needed\n", "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n");
  if (head.count("host") != 1 || head.value("host").empty()) return refuse(400, "one Host needed\n");
  if (head.count("sec-websocket-key") != 1 || !is_key(head.value("sec-websocket-key")))
    return refuse(400, "one Sec-WebSocket-Key needed\n");
  if (head.count("origin") > 1 || !is_allowed(head.value("origin"), policy))
    return refuse(403, "this page may not connect\n");
  if (!head.lists("sec-websocket-protocol", "sip")) return refuse(400, "subprotocol sip needed\n");
  return fmt::format(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
      "{}\r\nSec-WebSocket-Protocol: sip\r\n\r\n",
      ws_accept_key(head.value("sec-websocket-key")));
}

}  // namespace proxy::transport
