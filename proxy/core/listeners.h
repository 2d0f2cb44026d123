#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/net/address.h"
#include "proxy/sip/uri.h"
#include "proxy/transport/flow.h"

namespace proxy::core {

/// One configured socket as SIP messages name it.
struct Listener {
  transport::Kind kind = transport::Kind::Udp;
  common::SocketAddress bound;
  common::SocketAddress advertised;  // in Via and Record-Route
};

/// The sockets of this proxy and the domains it serves: what "here" means.
class Listeners {
 public:
  /// `domains`: names or addresses; the first one is canonical. Neither may be empty.
  Listeners(std::vector<std::string> domains, std::vector<Listener> listeners);

  const Listener& at(transport::ListenerId id) const;
  std::size_t size() const noexcept { return listeners_.size(); }
  /// False for an id out of a cookie that was sealed under another configuration.
  bool has(transport::ListenerId id, transport::Kind kind) const noexcept;
  /// The first listener of this transport and address family; a connection may also begin from one of the other family.
  std::optional<transport::ListenerId> find(transport::Kind kind, common::IpAddress::Family family) const;
  /// The same, but one on the address of listener `inbound` comes first: what a request causes leaves by the service
  /// address that the request came to, on whichever node of a pair that is by then.
  std::optional<transport::ListenerId> find(transport::Kind kind, common::IpAddress::Family family,
                                            transport::ListenerId inbound) const;

  /// Transports over which this proxy opens requests to other servers, the preferred ones first.
  std::vector<transport::Kind> request_kinds() const;

  /// A URI for somebody at this proxy, or for the proxy itself.
  bool serves(const sip::Uri& uri) const;
  /// A hop of a Route, Record-Route or Via that is one of our sockets.
  bool is_own_hop(std::string_view host, std::uint16_t port, bool secure) const;

  const std::string& domain() const noexcept { return domains_.front(); }
  /// Canonical address-of-record of a user.
  std::string address_of_record(std::string_view user) const;

 private:
  std::vector<std::string> domains_;
  std::vector<Listener> listeners_;
};

/// Transport as it stands in a Via, RFC 3261 §20.42 and RFC 7118 §5.
std::string_view via_transport(transport::Kind kind) noexcept;
/// Value of a URI's transport parameter; empty for UDP, which is the default. RFC 7118 §5.2.2: `ws` also when it is
/// secure.
std::string_view uri_transport(transport::Kind kind) noexcept;

}  // namespace proxy::core
