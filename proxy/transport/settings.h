#pragma once

#include <string>
#include <vector>

#include "common/net/address.h"
#include "common/tls/context.h"
#include "proxy/transport/flow.h"

namespace proxy::transport {

struct ListenerSettings {
  Kind kind = Kind::Udp;
  common::SocketAddress bind;
  common::SocketAddress advertised;     // in Via and Record-Route; unspecified address or port 0: the bound one
  common::tls::ServerFiles tls;         // TLS and WSS
  std::string websocket_path = "/ws";   // WS and WSS: the path that upgrades
  std::vector<std::string> origins;     // `https://phone.example`; empty: any page may connect
  std::vector<common::Cidr> balancers;  // where connections begin with a PROXY protocol header; empty: nowhere
  std::string web_root;                 // WS and WSS: static files for any other path; empty: 404
};

struct Limits {
  std::size_t max_connections = 20'000;
  std::size_t max_connections_per_source = 200;
  std::size_t max_header = std::size_t{32} << 10;             // of one SIP message
  std::size_t max_message = std::size_t{128} << 10;           // header and body
  std::size_t max_queued = std::size_t{512} << 10;            // bytes waiting for one slow reader
  common::Duration handshake = std::chrono::seconds{10};      // accept until TLS and upgrade are done
  common::Duration message = std::chrono::seconds{30};        // first byte of a message until its last
  common::Duration connect = std::chrono::seconds{4};         // our own connections, TLS included
  common::Duration write = std::chrono::seconds{15};          // queued bytes that nobody takes; TCP_USER_TIMEOUT too
  common::Duration idle = std::chrono::minutes{15};           // TCP and TLS without a byte from the peer
  common::Duration ping_interval = std::chrono::seconds{20};  // WS and WSS
  common::Duration pong = std::chrono::seconds{10};           // a ping unanswered for so long ends the connection
};

struct Settings {
  std::vector<ListenerSettings> listeners;
  common::tls::ClientFiles client_tls;  // for connections we open
  Limits limits;
};

}  // namespace proxy::transport
