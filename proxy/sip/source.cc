#include "proxy/sip/source.h"

#include <string>

namespace proxy::sip {

void stamp_source(Message& request, const common::SocketAddress& source) {
  auto via = request.top_via();
  if (!via) return;
  const bool wants_port = via->params.has("rport");
  if (wants_port) via->params.set("rport", std::to_string(source.port.value));
  via->params.remove("received");
  if (wants_port || common::IpAddress::parse(via->host) != source.ip) {
    via->params.set("received", source.ip.to_string());
  }
  request.replace_at("Via", 0, via->to_string());
}

common::SocketAddress response_address(const Message& request, const common::SocketAddress& source) {
  const auto via = request.top_via();
  if (!via || via->params.has("rport")) return source;
  const auto named = common::IpAddress::parse(via->host);
  if (named && named->is_private() && *named != source.ip) return source;
  return {source.ip, {via->port == 0 ? kPort : via->port}};
}

common::SocketAddress callback_address(const Message& request, const common::SocketAddress& source) {
  const auto via = request.top_via();
  return {source.ip, {via && via->port != 0 ? via->port : kPort}};
}

}  // namespace proxy::sip
