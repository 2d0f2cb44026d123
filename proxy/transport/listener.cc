#include "proxy/transport/listener.h"

#include <fmt/format.h>

#include <cstring>
#include <utility>

#include "proxy/transport/sockets.h"

namespace proxy::transport {
namespace {

/// `WSS listener 192.0.2.1:443`
std::string name_of(const ListenerSettings& settings) {
  constexpr std::string_view kNames[] = {"UDP", "TCP", "TLS", "WS", "WSS"};
  return fmt::format("{} listener {}", kNames[static_cast<std::size_t>(settings.kind)], settings.bind.to_string());
}

}  // namespace

common::SocketAddress Listener::advertised() const {
  common::SocketAddress address = settings.advertised;
  if (address.ip.is_unspecified()) address.ip = local.ip;
  if (address.port.value == 0) address.port = local.port;
  return address;
}

std::optional<common::tls::Context> load_certificate(const ListenerSettings& settings,
                                                     std::vector<std::string>& problems) {
  if (!is_secure(settings.kind)) return std::nullopt;
  auto context = common::tls::Context::server(settings.tls);
  if (context) return std::move(*context);
  problems.push_back(fmt::format("{}: {}", name_of(settings), context.error()));
  return std::nullopt;
}

std::unique_ptr<WebFront> web_front(const ListenerSettings& settings) {
  if (!is_websocket(settings.kind)) return nullptr;
  return std::make_unique<WebFront>(
      WebFront{{settings.websocket_path, settings.origins}, StaticFiles{settings.web_root}});
}

common::Result<common::Fd, std::string> bind_listener(const ListenerSettings& settings) {
  auto fd = settings.kind == Kind::Udp ? bind_udp(settings.bind) : listen_tcp(settings.bind);
  if (fd) return std::move(*fd);
  return common::Err{
      fmt::format("{}: {}; choose a free address of this machine", name_of(settings), std::strerror(fd.error()))};
}

}  // namespace proxy::transport
