#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proxy/core/peer.h"
#include "proxy/transaction/table.h"
#include "proxy/trunk/trunk.h"

namespace proxy::core {

/// One place to send a request to, RFC 3261 §16.5.
struct Target {
  std::string request_uri;
  std::vector<std::string> routes;  // Route values on the way, nearest first (RFC 3327 Path)
  Peer peer;                        // the same way as a cookie remembers it
  transaction::Hop hop;
  std::optional<trunk::Trunk> trunk;  // as configured when it was chosen: a reload changes no running call
  std::vector<Target> other_flows;    // to the same user agent, RFC 5626: one after another, while one fails
  unsigned redirects = 0;             // how many 3xx led to it
};

/// The listener whose address stands in our Via and Record-Route towards this hop.
inline transport::ListenerId egress_of(const transaction::Hop& hop) noexcept {
  return std::visit([](const auto& way) { return way.listener; }, hop);
}
inline transport::Kind kind_of(const transaction::Hop& hop) noexcept {
  return std::visit([](const auto& way) { return way.kind; }, hop);
}
inline const common::SocketAddress& remote_of(const transaction::Hop& hop) noexcept {
  return std::visit([](const auto& way) -> const common::SocketAddress& { return way.remote; }, hop);
}

/// A trunk that challenges needs room between CSeq numbers for the requests repeated with credentials.
inline bool needs_cseq_room(const trunk::Trunk& trunk) noexcept { return !trunk.username.empty(); }
inline bool needs_cseq_room(const std::optional<trunk::Trunk>& trunk) noexcept {
  return trunk && needs_cseq_room(*trunk);
}

}  // namespace proxy::core
