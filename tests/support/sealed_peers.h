#pragma once

#include <string_view>

#include "proxy/core/peer.h"
#include "proxy/core/sealer.h"

/// Ends of a dialog as cookies name them.
namespace tests {

inline proxy::core::Sealer sealer_of(std::string_view secret) {
  return proxy::core::Sealer{proxy::core::Sealer::derive(common::as_bytes(secret))};
}

/// Alice's browser by its registered flow.
inline proxy::core::Peer flow_peer() {
  proxy::core::Peer peer;
  peer.by = proxy::core::Peer::By::FlowId;
  peer.leg = proxy::core::Leg::Browser;
  peer.kind = proxy::transport::Kind::Wss;
  peer.listener = {3};
  peer.owner = proxy::core::owner_of_user("alice");
  peer.flow_id = "AAECAwQFBgcICQoL";
  return peer;
}

/// A carrier's gateway at an address.
inline proxy::core::Peer trunk_peer(std::string_view address) {
  proxy::core::Peer peer;
  peer.leg = proxy::core::Leg::Trunk;
  peer.owner = proxy::core::owner_of_trunk("carrier");
  peer.remote = *common::SocketAddress::parse(address);
  return peer;
}

/// A connection of one process, which no other knows.
inline proxy::core::Peer connection_peer() {
  proxy::core::Peer peer;
  peer.by = proxy::core::Peer::By::Connection;
  peer.kind = proxy::transport::Kind::Tls;
  peer.listener = {255};
  peer.owner = proxy::core::owner_of_user("bob");
  peer.connection = {0x123456789abcdef0};
  peer.boot = 0x12345678;
  return peer;
}

}  // namespace tests
