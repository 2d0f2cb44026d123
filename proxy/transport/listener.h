#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/net/fd.h"
#include "common/tls/context.h"
#include "proxy/transport/acceptor.h"
#include "proxy/transport/http_session.h"
#include "proxy/transport/settings.h"
#include "proxy/transport/udp_port.h"

namespace proxy::transport {

/// What became of a listener of the configuration.
struct Listener {
  ListenerSettings settings;
  common::SocketAddress local;
  std::optional<common::tls::Context> tls;  // TLS and WSS: for new connections
  std::unique_ptr<WebFront> web;            // WS and WSS
  std::unique_ptr<UdpPort> udp;             // UDP
  std::unique_ptr<Acceptor> acceptor;       // all others, as long as they accept

  /// What stands in Via and Record-Route.
  common::SocketAddress advertised() const;
};

/// Certificate and key; nullopt where the kind has none, and with a problem, which is added to `problems`.
std::optional<common::tls::Context> load_certificate(const ListenerSettings& settings,
                                                     std::vector<std::string>& problems);
/// The page and upgrade side; nullptr where the kind has none.
std::unique_ptr<WebFront> web_front(const ListenerSettings& settings);
/// A bound socket; with TCP and all that is on it, a listening one. Errors: what is wrong and what to do.
[[nodiscard]] common::Result<common::Fd, std::string> bind_listener(const ListenerSettings& settings);

}  // namespace proxy::transport
