#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/event/loop.h"
#include "proxy/transport/transport_layer.h"
#include "tests/support/socket_client.h"
#include "tests/support/test_certificates.h"

namespace test {

/// A transport layer on a loop of its own, with everything it tells written down.
class TransportScene {
 public:
  explicit TransportScene(proxy::transport::Settings settings);

  /// Turns the loop until `done`; false after two seconds.
  bool wait(const std::function<bool()>& done) { return loop.run_until(done, std::chrono::seconds{2}); }
  bool wait_messages(std::size_t count) {
    return wait([&] { return messages.size() >= count; });
  }
  common::SocketAddress address(std::uint16_t listener = 0) const {
    return layer->local(proxy::transport::ListenerId{listener});
  }
  TcpClient client(std::uint16_t listener = 0) { return TcpClient{loop, address(listener)}; }

  struct Message {
    proxy::transport::Flow flow;
    std::string bytes;
  };
  common::event::Loop loop;
  std::vector<Message> messages;
  std::vector<std::pair<proxy::transport::Flow, proxy::transport::CloseReason>> closed;
  std::vector<std::pair<std::uint64_t, proxy::transport::SendError>> failed;
  bool inside_call = false;  // set by a test around its calls: nothing may be told meanwhile
  bool told_inside_call = false;
  std::function<void(const Message&)> on_message;
  std::unique_ptr<proxy::transport::TransportLayer> layer;
};

proxy::transport::ListenerSettings listener(proxy::transport::Kind kind, const std::string& ip = "127.0.0.1");
std::string sip_message(const std::string& body = {});

/// A browser's end of a WebSocket over plain TCP: handshake and frames.
std::string ws_upgrade_request(const std::string& more_fields = {});

}  // namespace test
