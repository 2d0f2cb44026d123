#include "proxy/core/hop.h"
#include "proxy/core/identity.h"
#include "proxy/sip/name_addr.h"
#include "proxy/stage/stages.h"

namespace proxy::stage {
namespace {

/// Requests towards a trunk that called over a connection go to where it listens.
common::SocketAddress way_back(const trunk::Trunk& trunk, const transport::Flow& flow, const Services& services) {
  if (!transport::is_reliable(flow.kind)) return flow.remote;
  return services.administration.trunks.listening_at(trunk, flow.remote.ip, flow.kind);
}

/// A trunk known only by its host's address may share it with phones: who says to be a user of ours is asked to prove
/// it.
bool claims_to_be_user(const sip::Message& request, const Services& services) {
  const auto from = request.from();
  return from && services.listeners.serves(from->uri) && services.administration.users.contains(from->uri.plain_user());
}

const trunk::Trunk* calling_trunk(const core::RequestContext& context, const Services& services) {
  if (transport::is_websocket(context.flow.kind)) return nullptr;
  if (const trunk::Trunk* proven = core::proven_trunk(context.flow, services)) return proven;
  const trunk::Trunk* trunk = services.administration.trunks.by_source(context.flow.remote.ip);
  const bool could_be_forged = trunk != nullptr && trunk->is_secure() && !transport::is_secure(context.flow.kind);
  if (could_be_forged) return nullptr;
  if (trunk != nullptr && trunk->sources.empty() && claims_to_be_user(context.request, services)) return nullptr;
  return trunk;
}

}  // namespace

Verdict identify(const ContextPtr& context, Services& services) {
  if (context->is_in_dialog()) return core::Continue{};
  const transport::Flow& flow = context->flow;
  const trunk::Trunk* trunk = calling_trunk(*context, services);
  if (trunk == nullptr) {
    context->sender = core::peer_of_stranger(flow, 0, services.settings.boot);
  } else {
    context->trunk = trunk->name;
    if (!trunk->trusted_identity) core::remove_claims(context->request);
    context->sender = core::peer_of(*trunk, flow.kind, way_back(*trunk, flow, services), flow.listener);
  }
  return core::Continue{};
}

}  // namespace proxy::stage
