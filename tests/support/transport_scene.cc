#include "tests/support/transport_scene.h"

#include "common/base/invariant.h"

namespace test {

using namespace proxy::transport;

TransportScene::TransportScene(Settings settings) {
  Events events;
  events.on_message = [this](const Flow& flow, std::string_view bytes, common::Instant) {
    told_inside_call |= inside_call;
    messages.push_back({flow, std::string{bytes}});
    if (on_message) on_message(messages.back());
  };
  events.on_closed = [this](const Flow& flow, CloseReason reason, common::Instant) {
    told_inside_call |= inside_call;
    closed.emplace_back(flow, reason);
  };
  events.on_send_failed = [this](std::uint64_t key, SendError error, common::Instant) {
    told_inside_call |= inside_call;
    failed.emplace_back(key, error);
  };
  auto opened = TransportLayer::open(loop, std::move(settings), std::move(events));
  INVARIANT(opened.has_value(), "a test's listeners open");
  layer = std::move(*opened);
}

ListenerSettings listener(Kind kind, const std::string& ip) {
  ListenerSettings settings;
  settings.kind = kind;
  settings.bind = {*common::IpAddress::parse(ip), common::Port{0}};
  return settings;
}

std::string sip_message(const std::string& body) {
  return "MESSAGE sip:bob@example SIP/2.0\r\nCall-ID: 1\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::string ws_upgrade_request(const std::string& more_fields) {
  return "GET /ws HTTP/1.1\r\nHost: proxy.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Protocol: sip\r\n" +
         more_fields + "\r\n";
}

}  // namespace test
