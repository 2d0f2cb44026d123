#include "proxy/core/route_set.h"

#include "proxy/sip/name_addr.h"

namespace proxy::core {
namespace {

bool is_secure_uri(const sip::Uri& uri) {
  const std::string_view transport = uri.params.get("transport");
  return uri.scheme == "sips" || transport == "tls";
}

bool is_own(const sip::Uri& uri, const Listeners& listeners) {
  return uri.is_sip() && listeners.is_own_hop(uri.host, uri.port, is_secure_uri(uri));
}

/// RFC 3261 §16.4: the real Request-URI of a strict router's request is its last Route value.
void undo_strict_routing(sip::Message& request, const Listeners& listeners) {
  const auto uri = sip::Uri::parse(request.request_uri());
  const auto routes = request.all("Route");
  if (!uri || !uri->params.has("lr") || routes.empty() || !is_own(*uri, listeners)) return;
  const auto last = sip::NameAddr::parse(routes.back());
  if (!last) return;
  const std::string own = '<' + request.request_uri() + '>';
  request.set_request_uri(last->uri.to_string());
  request.remove("Route");
  request.append("Route", own);
  for (std::size_t i = 0; i + 1 < routes.size(); ++i) request.append("Route", routes[i]);
}

std::optional<sip::Uri> next_uri(const sip::Message& request) {
  const std::string* route = request.find("Route");
  if (route == nullptr) return sip::Uri::parse(request.request_uri());
  const auto address = sip::NameAddr::parse(*route);
  if (!address) return std::nullopt;
  return address->uri;
}

std::string user_of(const std::string& value) {
  const auto address = sip::NameAddr::parse(value);
  return address ? address->uri.user : std::string{};
}

}  // namespace

std::string take_own_route(sip::Message& request, const Listeners& listeners) {
  undo_strict_routing(request, listeners);
  const std::string* top = request.find("Route");
  const auto address = top != nullptr ? sip::NameAddr::parse(*top) : std::nullopt;
  if (!address || !is_own(address->uri, listeners)) return {};
  std::string user = address->uri.user;
  request.remove_first("Route");
  return user;
}

std::optional<transaction::Hop> named_hop(const sip::Message& request, const Peer& receiver,
                                          const trunk::TrunkTable& trunks) {
  const trunk::Trunk* trunk = trunk_of(receiver, trunks);
  if (trunk == nullptr) return std::nullopt;
  const auto uri = next_uri(request);
  const auto ip = uri && uri->is_sip() ? common::IpAddress::parse(uri->host) : std::nullopt;
  if (!ip) return std::nullopt;
  if (!trunks.owns(*trunk, *ip)) return std::nullopt;
  return transport::Destination{receiver.kind,
                                {*ip, {uri->port == 0 ? transport::default_port(receiver.kind) : uri->port}},
                                receiver.listener,
                                receiver.kind == transport::Kind::Tls ? trunk->effective_tls_name() : std::string{}};
}

std::string record_route(const Listener& listener, std::string_view cookie, bool sips) {
  const bool is_sips = sips && transport::is_secure(listener.kind);
  std::string value = is_sips ? "<sips:" : "<sip:";
  value.append(cookie).append("@").append(listener.advertised.ip.to_uri_host());
  value.append(":").append(std::to_string(listener.advertised.port.value));
  const bool is_implied = is_sips && listener.kind == transport::Kind::Tls;
  if (const auto transport = uri_transport(listener.kind); !transport.empty() && !is_implied) {
    value.append(";transport=").append(transport);
  }
  return value.append(";lr>");
}

bool replace_record_route(sip::Message& response, std::string_view cookie, std::string_view value) {
  const auto values = response.all("Record-Route");
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (user_of(values[i]) != cookie) continue;
    response.replace_at("Record-Route", i, value);
    return true;
  }
  return false;
}

RecordRoutes split_record_routes(const sip::Message& response, std::string_view cookie) {
  RecordRoutes routes;
  bool passed = false;
  for (std::string& value : response.all("Record-Route")) {
    if (!passed && user_of(value) == cookie) {
      passed = true;
      continue;
    }
    (passed ? routes.below : routes.above).push_back(std::move(value));
  }
  return routes;
}

}  // namespace proxy::core
