#include "proxy/core/hop.h"

#include <algorithm>

namespace proxy::core {
namespace {

using transport::Kind;

std::string tls_name_of(const Peer& peer, const trunk::TrunkTable& trunks) {
  const trunk::Trunk* trunk = trunk_of(peer, trunks);
  return trunk != nullptr && peer.kind == Kind::Tls ? trunk->effective_tls_name() : std::string{};
}

/// Where a trunk is known by its certificate, an address proves nothing. Over a connection that we have opened its
/// certificate is for the name that we looked for.
bool shows_certificate(const trunk::Trunk& trunk, const transport::Flow& flow, const transport::Sender& sender) {
  if (flow.kind != Kind::Tls) return false;
  const auto peer_is = [&](std::string_view domain) { return sender.peer_is(flow.connection, domain); };
  return std::ranges::any_of(trunk.tls_subjects, peer_is) || peer_is(trunk.effective_tls_name());
}

bool is_from_address(const Peer& peer, const transport::Flow& flow, const Services& services) {
  const trunk::TrunkTable& trunks = services.administration.trunks;
  const trunk::Trunk* trunk = trunk_of(peer, trunks);
  if (trunk != nullptr && !trunk->tls_subjects.empty()) return shows_certificate(*trunk, flow, services.sender);
  return peer.remote.ip == flow.remote.ip || (trunk != nullptr && trunks.owns(*trunk, flow.remote.ip));
}

}  // namespace

transaction::Hop hop_to(const store::Binding& binding) { return binding.flow; }

Peer peer_of(const store::Binding& binding, std::uint32_t owner) {
  Peer peer;
  peer.by = Peer::By::FlowId;
  peer.leg = leg_of(binding.flow.kind);
  peer.kind = binding.flow.kind;
  peer.listener = binding.flow.listener;
  peer.owner = owner;
  peer.flow_id = binding.flow_id;
  return peer;
}

Peer peer_of(const trunk::Trunk& trunk, Kind kind, const common::SocketAddress& remote, transport::ListenerId egress) {
  Peer peer;
  peer.leg = Leg::Trunk;
  peer.kind = kind;
  peer.listener = egress;
  peer.owner = owner_of_trunk(trunk.name);
  peer.remote = remote;
  return peer;
}

transaction::Hop hop_to(const trunk::Trunk& trunk, Kind kind, const common::SocketAddress& remote,
                        transport::ListenerId egress) {
  return transport::Destination{kind, remote, egress, kind == Kind::Tls ? trunk.effective_tls_name() : std::string{}};
}

Peer peer_of_stranger(const transport::Flow& flow, std::uint32_t owner, std::uint32_t boot) {
  Peer peer;
  peer.leg = leg_of(flow.kind);
  peer.kind = flow.kind;
  peer.listener = flow.listener;
  peer.owner = owner;
  peer.remote = flow.remote;
  if (transport::is_secure(flow.kind) || transport::is_websocket(flow.kind)) {
    peer.by = Peer::By::Connection;
    peer.connection = flow.connection;
    peer.boot = boot;
    peer.remote = {};
  }
  return peer;
}

Leg leg_of(transport::Kind kind) noexcept { return transport::is_websocket(kind) ? Leg::Browser : Leg::Phone; }

bool is_same_flow(const store::Binding& binding, const transport::Flow& flow) noexcept {
  if (binding.flow.kind != flow.kind) return false;
  if (transport::is_reliable(flow.kind)) {
    return binding.flow.connection == flow.connection && binding.flow.process == flow.process;
  }
  return binding.flow.remote == flow.remote;
}

void resolve(const Peer& peer, Services& services, HopDone done) {
  switch (peer.by) {
    case Peer::By::Address:
      return done(transport::Destination{peer.kind, peer.remote, peer.listener,
                                         tls_name_of(peer, services.administration.trunks)});
    case Peer::By::Connection: {
      const bool is_here = peer.boot == services.settings.boot;
      const transport::Flow flow{.kind = peer.kind,
                                 .listener = peer.listener,
                                 .connection = peer.connection,
                                 .local = {},
                                 .remote = {},
                                 .process = {is_here ? 0 : peer.boot}};
      if (!is_here && !services.sender.is_open(flow)) return done(std::nullopt);
      return done(flow);
    }
    case Peer::By::FlowId:
      return services.store.find_flow(peer.flow_id, services.now(), [done = std::move(done)](auto found) {
        if (!found || !*found) return done(std::nullopt);
        done(hop_to(**found));
      });
  }
}

void check_source(const Peer& peer, const transport::Flow& flow, Services& services, std::function<void(bool)> done) {
  switch (peer.by) {
    case Peer::By::Address:
      return done(is_from_address(peer, flow, services));
    case Peer::By::Connection:
      return done(peer.boot == services.settings.boot && peer.connection == flow.connection && flow.process.value == 0);
    case Peer::By::FlowId:
      return services.store.find_flow(peer.flow_id, services.now(), [flow, done = std::move(done)](auto found) {
        done(found && *found && is_same_flow(**found, flow));
      });
  }
}

const trunk::Trunk* proven_trunk(const transport::Flow& flow, const Services& services) {
  if (flow.kind != Kind::Tls) return nullptr;
  const auto peer_is = [&](std::string_view domain) { return services.sender.peer_is(flow.connection, domain); };
  return services.administration.trunks.by_certificate(peer_is, flow.remote.ip);
}

const trunk::Trunk* trunk_of(const Peer& peer, const trunk::TrunkTable& trunks) {
  if (peer.leg != Leg::Trunk) return nullptr;
  const auto found =
      std::ranges::find_if(trunks.all(), [&](const auto& trunk) { return owner_of_trunk(trunk.name) == peer.owner; });
  return found == trunks.all().end() ? nullptr : &*found;
}

}  // namespace proxy::core
