#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/base/strong.h"
#include "common/net/address.h"
#include "common/time/instant.h"

/// What the rest of the proxy knows of a transport: flows and the bytes of whole SIP messages.
namespace proxy::transport {

enum class Kind : std::uint8_t { Udp, Tcp, Tls, Ws, Wss };
inline constexpr std::array<std::string_view, 5> kKindNames{"udp", "tcp", "tls", "ws", "wss"};

/// As configuration, lists and metrics name it.
constexpr std::string_view to_string(Kind kind) noexcept { return kKindNames[static_cast<std::size_t>(kind)]; }

constexpr bool is_reliable(Kind kind) noexcept { return kind != Kind::Udp; }
constexpr bool is_secure(Kind kind) noexcept { return kind == Kind::Tls || kind == Kind::Wss; }
/// RFC 3261 §19.1.2 and §18.1.1.
constexpr std::uint16_t default_port(Kind kind) noexcept { return is_secure(kind) ? 5061 : 5060; }
constexpr bool is_websocket(Kind kind) noexcept { return kind == Kind::Ws || kind == Kind::Wss; }

/// A connection of this process (TCP, TLS, WS, WSS), never reused in its life; 0: none (UDP).
using ConnectionId = common::Strong<struct ConnectionIdTag, std::uint64_t>;
/// A run of a program: random, never 0 but for the process itself.
using ProcessId = common::Strong<struct ProcessIdTag, std::uint32_t>;
/// A configured listener, by its place in the configuration.
using ListenerId = common::Strong<struct ListenerIdTag, std::uint16_t>;

/// The way a message came in, which is also the way back, RFC 5626 §3.2 and RFC 3261 §18.2.2.
struct Flow {
  Kind kind = Kind::Udp;
  ListenerId listener;
  ConnectionId connection;       // 0 with UDP
  common::SocketAddress local;   // of our socket
  common::SocketAddress remote;  // of the peer
  ProcessId process = {};        // whose socket it is; 0: this process's
  friend bool operator==(const Flow&, const Flow&) = default;
};

/// Where a message shall go when no flow is given: the transport layer finds or opens a connection, or sends a datagram
/// from the socket of `listener`.
struct Destination {
  Kind kind = Kind::Udp;
  common::SocketAddress remote;
  ListenerId listener;
  std::string tls_name;  // the certificate must be valid for this domain, RFC 5922; empty with UDP and TCP
  friend bool operator==(const Destination&, const Destination&) = default;
};

enum class CloseReason : std::uint8_t {
  PeerClosed,
  Idle,
  PingTimeout,
  WriteTimeout,
  ProtocolError,
  TlsError,
  Shutdown
};
enum class SendError : std::uint8_t { ConnectionGone, Unreachable, TooLarge, QueueFull, TlsIdentity };

/// What the transport layer tells its user, always from the event loop, never from within a call to it.
struct Events {
  /// One whole message (framed by datagram, Content-Length or WebSocket message). `bytes` is valid for the call only.
  std::function<void(const Flow&, std::string_view bytes, common::Instant now)> on_message;
  /// A connection that could carry messages can no more; told once for each, except those never fully set up.
  std::function<void(const Flow&, CloseReason, common::Instant now)> on_closed;
  /// A message handed over by send_to()/send() could not be delivered (RFC 3261 §18.4); `key` as given there.
  std::function<void(std::uint64_t key, SendError, common::Instant now)> on_send_failed;
};

/// Implemented by the transport layer's shell, and by a recorder in tests. `key` 0: nobody asks what became of it.
class Sender {
 public:
  virtual ~Sender() = default;
  /// Sends on an existing flow; failure is reported through on_send_failed with `key`. Never blocks.
  virtual void send(const Flow& flow, std::string bytes, std::uint64_t key) = 0;
  /// Sends to an address, over a connection that exists or is opened now.
  virtual void send_to(const Destination& destination, std::string bytes, std::uint64_t key) = 0;
  /// False: what is sent on this flow of a connection goes nowhere.
  virtual bool is_open(const Flow& flow) const = 0;
  /// True if the peer of this connection has shown a verified certificate for `domain`, RFC 5922 §7.
  virtual bool peer_is(ConnectionId connection, std::string_view domain) const = 0;
  /// Closes a connection after what is queued has been written; on_closed(Shutdown) follows.
  virtual void close(ConnectionId connection) = 0;
};

}  // namespace proxy::transport
