#include "proxy/transport/ws_handshake.h"

#include "common/base/bytes.h"
#include "common/base/invariant.h"

using namespace proxy::transport;

/// One opening handshake: the answer is one HTTP response, and 101 only for one that asks for SIP on our path.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const WsPolicy policy{"/ws", {"https://phone.example"}};
  std::size_t taken = 0;
  const auto head = parse_http_head(common::as_text({data, size}), taken);
  if (!head || !*head) return 0;
  const auto accepted = accept_ws(**head, policy);
  const std::string& response = accepted ? *accepted : accepted.error().response;
  INVARIANT(response.starts_with("HTTP/1.1 ") && response.find("\r\n\r\n") != std::string::npos, "an answer is HTTP");
  if (!accepted) {
    INVARIANT(accepted.error().status >= 400, "a refusal is one");
    return 0;
  }
  INVARIANT(response.starts_with("HTTP/1.1 101 ") && response.ends_with("\r\n\r\n"), "frames follow the head at once");
  INVARIANT(is_ws_request(**head, policy) && (*head)->lists("sec-websocket-protocol", "sip"),
            "the client asked for it");
  return 0;
}
