#include "proxy/transport/ws_handshake.h"

#include <catch2/catch.hpp>
#include <string>

using namespace proxy::transport;

namespace {

const WsPolicy kPolicy{"/ws", {"https://phone.example"}};
const std::string kFields =
    "Host: proxy.example\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: chat, sip\r\n";

HttpHead head(const std::string& text) {
  std::size_t size = 0;
  const auto parsed = parse_http_head(text, size);
  REQUIRE(parsed);
  REQUIRE(*parsed);
  CHECK(size == text.size());
  return **parsed;
}

std::string without(std::string fields, const std::string& name) {
  const std::size_t at = fields.find(name);
  return fields.erase(at, fields.find("\r\n", at) + 2 - at);
}

int status(const std::string& fields, const std::string& line = "GET /ws HTTP/1.1") {
  const auto accepted = accept_ws(head(line + "\r\n" + fields + "\r\n"), kPolicy);
  return accepted ? 101 : accepted.error().status;
}

}  // namespace

TEST_CASE("the accept key is that of RFC 6455", "[transport][rfc6455]") {
  CHECK(ws_accept_key("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("a browser's handshake for sip is accepted and its subprotocol echoed", "[transport][rfc7118]") {
  const auto accepted =
      accept_ws(head("GET /ws?x=1 HTTP/1.1\r\n" + kFields + "Origin: https://phone.example\r\n\r\n"), kPolicy);
  REQUIRE(accepted);
  CHECK(accepted->starts_with("HTTP/1.1 101 "));
  CHECK(accepted->find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") != std::string::npos);
  CHECK(accepted->find("Sec-WebSocket-Protocol: sip\r\n") != std::string::npos);
}

TEST_CASE("a handshake that lacks something is refused with the status that says what", "[transport][rfc6455]") {
  CHECK(status(kFields) == 101);
  CHECK(status(kFields, "GET /other HTTP/1.1") == 404);
  CHECK(status(kFields, "HEAD /ws HTTP/1.1") == 400);
  CHECK(status(without(kFields, "Upgrade:")) == 426);
  CHECK(status(without(kFields, "Connection:")) == 426);
  CHECK(status(without(kFields, "Sec-WebSocket-Version:")) == 426);
  CHECK(status(without(kFields, "Sec-WebSocket-Version:") + "Sec-WebSocket-Version: 8\r\n") == 426);
  CHECK(status(without(kFields, "Host:")) == 400);
  CHECK(status(without(kFields, "Sec-WebSocket-Key:")) == 400);
  CHECK(status(without(kFields, "Sec-WebSocket-Key:") + "Sec-WebSocket-Key: c2hvcnQ=\r\n") == 400);
  CHECK(status(kFields + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n") == 400);
  CHECK(status(without(kFields, "Sec-WebSocket-Protocol:")) == 400);
}

TEST_CASE("only listed pages may connect, and clients that are no pages", "[transport]") {
  CHECK(status(kFields + "Origin: HTTPS://PHONE.example\r\n") == 101);
  CHECK(status(kFields + "Origin: https://evil.example\r\n") == 403);
  CHECK(status(kFields + "Origin: null\r\n") == 403);
  CHECK(status(kFields + "Origin: https://phone.example\r\nOrigin: https://evil.example\r\n") == 403);
  const auto open =
      accept_ws(head("GET /ws HTTP/1.1\r\n" + kFields + "Origin: https://any.example\r\n\r\n"), WsPolicy{"/ws", {}});
  CHECK(open);
}
