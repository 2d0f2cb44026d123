#include <algorithm>

#include "common/base/text.h"
#include "proxy/core/flow_token.h"
#include "proxy/core/hop.h"
#include "proxy/core/identity.h"
#include "proxy/sip/name_addr.h"
#include "proxy/stage/stages.h"

namespace proxy::stage {
namespace {

/// The flow is what is remembered, never an address that somebody else may have by then, RFC 5626 §5.2.
core::Peer flow_of(const transport::Flow& flow, std::uint32_t boot) {
  core::Peer peer = core::peer_of_stranger(flow, 0, boot);
  if (!transport::is_reliable(flow.kind)) return peer;
  peer.by = core::Peer::By::Connection;
  peer.connection = flow.connection;
  peer.boot = boot;
  peer.remote = {};
  return peer;
}

Verdict to_user_agent(const ContextPtr& context, core::Peer user_agent, Services& services) {
  context->is_at_edge = true;
  core::resolve(user_agent, services, [context, user_agent, &services](std::optional<transaction::Hop> hop) {
    const auto* flow = hop ? std::get_if<transport::Flow>(&*hop) : nullptr;
    if (!hop || (flow != nullptr && !services.sender.is_open(*flow))) {
      return context->resume(core::Reject{430, "Flow Failed"});
    }
    core::Target target;
    target.request_uri = context->request.request_uri();
    target.peer = user_agent;
    target.hop = std::move(*hop);
    context->targets = {{std::move(target)}};
    context->rule = "edge";
    context->resume(core::Continue{});
  });
  return core::Suspend{};
}

/// A user of a domain that a trunk keeps the registrations of, in requests within this domain: the trunk asks for
/// credentials itself.
const trunk::Trunk* registrar_for(const core::RequestContext& context, const Services& services) {
  const auto uri = sip::Uri::parse(context.request.request_uri());
  const auto from = context.request.from();
  if (context.is_from_trunk() || !uri || !from || !uri->is_sip()) return nullptr;
  if (!common::iequals(uri->host, from->uri.host)) return nullptr;
  return services.administration.trunks.registrar_of(uri->host);
}

}  // namespace

/// RFC 5626 §5 and RFC 3327: what passes between a registrar behind us and the user agents that reach it through us.
Verdict pass_edge(const ContextPtr& context, Services& services) {
  if (context->is_in_dialog()) return core::Continue{};
  if (context->is_from_trunk()) {
    auto token = core::open_flow_token(services.keys.sealer, context->cookie_text);
    const bool is_its_own = token && token->registrar == core::owner_of_trunk(context->trunk);
    if (is_its_own) return to_user_agent(context, std::move(token->user_agent), services);
    return core::Continue{};
  }
  const trunk::Trunk* registrar = registrar_for(*context, services);
  if (registrar == nullptr) return core::Continue{};
  context->is_at_edge = true;
  context->sender = flow_of(context->flow, services.settings.boot);
  context->rule = "edge";
  core::remove_claims(context->request);
  search_trunks(context, services, {"edge", {}, {registrar->name}, context->media});
  return core::Suspend{};
}

}  // namespace proxy::stage
