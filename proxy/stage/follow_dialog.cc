#include "proxy/core/hop.h"
#include "proxy/core/identity.h"
#include "proxy/core/route_set.h"
#include "proxy/stage/credentials.h"
#include "proxy/stage/stages.h"

namespace proxy::stage {
namespace {

using core::RequestContext;

constexpr std::uint32_t kLongestCall = 24 * 60 * 60;  // seconds
constexpr std::uint32_t kClockSkew = 30;              // between the nodes of a pair

/// A cookie of a call that must be over by now, or of another configuration, is none.
bool is_valid(const core::DialogCookie& cookie, const Services& services) {
  const std::uint32_t now = services.unix_seconds();
  const bool in_time = now <= cookie.time + kLongestCall && cookie.time <= now + kClockSkew;
  return in_time && services.listeners.has(cookie.caller.listener, cookie.caller.kind) &&
         services.listeners.has(cookie.callee.listener, cookie.callee.kind);
}

/// A cookie routes only for the source it was made for; somebody else who knows it has to prove to be its owner.
Verdict prove_owner(RequestContext& context, Services& services, const core::Peer& sender) {
  if (sender.leg == core::Leg::Trunk) return core::Reject{403, "Not From This Trunk"};
  const bool is_challengeable = !context.request.is("ACK") && !context.request.is("CANCEL");  // RFC 3261 §22.1
  if (!is_challengeable) return core::Reject{403, "Forbidden"};
  Proof proof = check_credentials(context, services, Asked::ByProxy);
  if (auto* reject = std::get_if<core::Reject>(&proof)) return std::move(*reject);
  if (core::owner_of_user(std::get<std::string>(proof)) != sender.owner) return core::Reject{403, "Forbidden"};
  context.user = std::get<std::string>(std::move(proof));
  return core::Continue{};
}

void check_sender(const ContextPtr& context, Services& services) {
  const core::Peer& sender = core::sender_of(*context->dialog);
  core::check_source(sender, context->flow, services, [context, &services](bool is_sender) {
    if (!is_sender) {
      auto verdict = prove_owner(*context, services, core::sender_of(*context->dialog));
      if (!std::holds_alternative<core::Continue>(verdict)) return context->resume(std::move(verdict));
    }
    context->resume(core::Continue{});
  });
}

}  // namespace

Verdict follow_dialog(const ContextPtr& context, Services& services) {
  RequestContext& request = *context;
  request.cookie_text = core::take_own_route(request.request, services.listeners);
  const std::string to_tag = request.request.to_tag();
  if (to_tag.empty()) return core::Continue{};
  request.dialog = core::open_dialog_cookie(services.keys.sealer, request.cookie_text, request.request.call_id(),
                                            request.request.from_tag(), to_tag);
  // RFC 3261 §12.2.2: a dialog that nobody knows. Without its cookie there is no other way to know it.
  if (request.dialog && !is_valid(request.dialog->cookie, services)) request.dialog.reset();
  if (!request.dialog) return core::Reject{481, "Call/Transaction Does Not Exist"};
  const std::uint32_t callee_tag = request.dialog->cookie.callee_tag;
  if (callee_tag != 0 && !services.keys.is_bound(callee_tag, to_tag)) return core::Reject{403, "Forbidden"};
  request.sender = core::sender_of(*request.dialog);
  request.media = core::policy_of(request.dialog->cookie.media, services.administration.router);
  const bool is_trunk = request.sender.leg == core::Leg::Trunk;
  if (!is_trunk || !core::is_believed(request.sender.owner, services.administration.trunks)) {
    core::remove_claims(request.request);
  }
  check_sender(context, services);
  return core::Suspend{};
}

}  // namespace proxy::stage
