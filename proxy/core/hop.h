#pragma once

#include <functional>
#include <optional>

#include "proxy/core/peer.h"
#include "proxy/core/services.h"
#include "proxy/store/binding.h"
#include "proxy/transaction/table.h"

namespace proxy::core {

/// The way a binding's contact is reached now.
transaction::Hop hop_to(const store::Binding& binding);

/// A binding as a cookie remembers it: by its flow id, wherever it is connected by then.
Peer peer_of(const store::Binding& binding, std::uint32_t owner);

/// A trunk at one of its addresses.
Peer peer_of(const trunk::Trunk& trunk, transport::Kind kind, const common::SocketAddress& remote,
             transport::ListenerId egress);
transaction::Hop hop_to(const trunk::Trunk& trunk, transport::Kind kind, const common::SocketAddress& remote,
                        transport::ListenerId egress);

/// Who sent something over `flow` without being a trunk or having a binding. Connections that only their other end can
/// open (WebSocket, TLS without a name) are remembered as they are, the rest by address.
Peer peer_of_stranger(const transport::Flow& flow, std::uint32_t owner, std::uint32_t boot);

/// What a flow says of its other end: browsers come by WebSocket.
Leg leg_of(transport::Kind kind) noexcept;

/// True if messages over `flow` come from where `binding` is registered.
bool is_same_flow(const store::Binding& binding, const transport::Flow& flow) noexcept;

/// Gives the way to a sealed peer, nullopt when there is none any more. `done` may run before the call returns.
using HopDone = std::function<void(std::optional<transaction::Hop>)>;
void resolve(const Peer& peer, Services& services, HopDone done);

/// Gives whether a message over `flow` comes from this sealed peer. `done` may run before the call returns.
void check_source(const Peer& peer, const transport::Flow& flow, Services& services, std::function<void(bool)> done);

/// The trunk that the certificate of a TLS connection's other end names (Trunk::tls_subjects); nullptr: none.
const trunk::Trunk* proven_trunk(const transport::Flow& flow, const Services& services);

/// The trunk that a sealed peer belongs to; nullptr: it is none, or not configured any more.
const trunk::Trunk* trunk_of(const Peer& peer, const trunk::TrunkTable& trunks);

}  // namespace proxy::core
