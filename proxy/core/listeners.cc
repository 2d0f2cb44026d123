#include "proxy/core/listeners.h"

#include <algorithm>

#include "common/base/invariant.h"
#include "common/base/text.h"

namespace proxy::core {
Listeners::Listeners(std::vector<std::string> domains, std::vector<Listener> listeners)
    : domains_(std::move(domains)), listeners_(std::move(listeners)) {
  INVARIANT(!domains_.empty() && !listeners_.empty(), "a proxy has a domain and a socket");
}

const Listener& Listeners::at(transport::ListenerId id) const {
  INVARIANT(id.value < listeners_.size(), "a listener id comes from the configuration");
  return listeners_[id.value];
}

bool Listeners::has(transport::ListenerId id, transport::Kind kind) const noexcept {
  return id.value < listeners_.size() && listeners_[id.value].kind == kind;
}

std::optional<transport::ListenerId> Listeners::find(transport::Kind kind, common::IpAddress::Family family) const {
  std::optional<transport::ListenerId> any;
  for (std::size_t i = 0; i < listeners_.size(); ++i) {
    if (listeners_[i].kind != kind) continue;
    const transport::ListenerId id{static_cast<std::uint16_t>(i)};
    if (listeners_[i].advertised.ip.family() == family) return id;
    if (!any && transport::is_reliable(kind)) any = id;
  }
  return any;
}

std::optional<transport::ListenerId> Listeners::find(transport::Kind kind, common::IpAddress::Family family,
                                                     transport::ListenerId inbound) const {
  const Listener& met = at(inbound);
  const auto near = std::ranges::find_if(listeners_, [&](const Listener& listener) {
    return listener.kind == kind && listener.bound.ip == met.bound.ip && listener.bound.ip.family() == family;
  });
  if (near == listeners_.end()) return find(kind, family);
  return transport::ListenerId{static_cast<std::uint16_t>(near - listeners_.begin())};
}

std::vector<transport::Kind> Listeners::request_kinds() const {
  std::vector<transport::Kind> kinds;
  for (const auto kind : {transport::Kind::Tls, transport::Kind::Tcp, transport::Kind::Udp}) {
    if (std::ranges::find(listeners_, kind, &Listener::kind) != listeners_.end()) kinds.push_back(kind);
  }
  return kinds;
}

bool Listeners::serves(const sip::Uri& uri) const {
  if (!uri.is_sip()) return false;
  const auto address = common::IpAddress::parse(uri.host);
  const auto is_named = [&](const std::string& domain) {
    return common::iequals(domain, uri.host) || (address && common::IpAddress::parse(domain) == address);
  };
  if (std::ranges::any_of(domains_, is_named)) return true;
  return address && std::ranges::any_of(listeners_, [&](const Listener& listener) {
           return listener.advertised.ip == *address || listener.bound.ip == *address;
         });
}

bool Listeners::is_own_hop(std::string_view host, std::uint16_t port, bool secure) const {
  if (port == 0) port = secure ? sip::kSecurePort : sip::kPort;
  const auto address = common::IpAddress::parse(host);
  const bool is_domain = std::ranges::any_of(domains_, [&](const auto& name) { return common::iequals(name, host); });
  return std::ranges::any_of(listeners_, [&](const Listener& listener) {
    if (is_domain) return listener.advertised.port.value == port;
    return address && (listener.advertised == common::SocketAddress{*address, {port}} ||
                       listener.bound == common::SocketAddress{*address, {port}});
  });
}

std::string Listeners::address_of_record(std::string_view user) const {
  return "sip:" + std::string{user} + '@' + domain();
}

std::string_view via_transport(transport::Kind kind) noexcept {
  switch (kind) {
    case transport::Kind::Udp:
      return "UDP";
    case transport::Kind::Tcp:
      return "TCP";
    case transport::Kind::Tls:
      return "TLS";
    case transport::Kind::Ws:
      return "WS";
    case transport::Kind::Wss:
      return "WSS";
  }
  return "";
}

std::string_view uri_transport(transport::Kind kind) noexcept {
  switch (kind) {
    case transport::Kind::Udp:
      return "";
    case transport::Kind::Tcp:
      return "tcp";
    case transport::Kind::Tls:
      return "tls";
    case transport::Kind::Ws:
    case transport::Kind::Wss:
      return "ws";
  }
  return "";
}

}  // namespace proxy::core
