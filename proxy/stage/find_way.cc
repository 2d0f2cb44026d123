#include "proxy/core/hop.h"
#include "proxy/core/media_exchange.h"
#include "proxy/core/route_set.h"
#include "proxy/stage/stages.h"

namespace proxy::stage {
namespace {

/// The one target of a request inside a dialog.
void add_target(core::RequestContext& context, const core::Peer& receiver, transaction::Hop hop, Services& services) {
  core::Target target;
  target.request_uri = context.request.request_uri();
  target.peer = receiver;
  target.hop = std::move(hop);
  if (const auto* trunk = core::trunk_of(receiver, services.administration.trunks)) target.trunk = *trunk;
  context.targets = {{std::move(target)}};
}

Verdict not_connected(const ContextPtr& context, Services& services) {
  core::Reject reject{480, "Other End Not Connected"};
  const core::Peer& receiver = core::receiver_of(*context->dialog);
  // Whether or not the other end hears of it: this one has hung up.
  if (context->request.is("BYE") && !context->wait_until) core::end_media(*context, services);
  if (receiver.by != core::Peer::By::FlowId) return reject;
  return core::AwaitUser{receiver.owner, std::move(reject)};
}

}  // namespace

/// Inside a dialog: the way to the other end, which the cookie tells. A browser may be away for a moment.
Verdict find_way(const ContextPtr& context, Services& services) {
  if (!context->is_in_dialog()) return core::Continue{};
  const core::Peer& receiver = core::receiver_of(*context->dialog);
  if (auto named = core::named_hop(context->request, receiver, services.administration.trunks)) {
    add_target(*context, receiver, std::move(*named), services);
    return core::Continue{};
  }
  core::resolve(receiver, services, [context, &services](std::optional<transaction::Hop> hop) {
    if (!hop) return context->resume(not_connected(context, services));
    add_target(*context, core::receiver_of(*context->dialog), std::move(*hop), services);
    context->resume(core::Continue{});
  });
  return core::Suspend{};
}

}  // namespace proxy::stage
