#include "proxy/core/caller.h"
#include "proxy/core/identity.h"
#include "proxy/stage/credentials.h"
#include "proxy/stage/stages.h"

namespace proxy::stage {
namespace {

/// From names the proven user, or nobody: a caller may hide (RFC 3323 §4.1).
bool may_say(const sip::NameAddr& from, const std::string& user, const Services& services) {
  if (core::is_anonymous(from.uri)) return true;
  return from.uri.plain_user() == user && services.listeners.serves(from.uri);
}

std::string preferred_number(const sip::Message& request) {
  const auto preferred = sip::NameAddr::parse(request.get("P-Preferred-Identity"));
  return preferred ? preferred->uri.plain_user() : std::string{};
}

}  // namespace

/// Trunks are known by their address; everybody else proves to be the user that From names (or hides). OPTIONS to the
/// proxy itself is answered to anybody, as monitoring expects.
Verdict authenticate(const ContextPtr& context, Services& services) {
  if (context->is_in_dialog() || context->is_from_trunk() || context->is_at_edge) return core::Continue{};
  const auto uri = sip::Uri::parse(context->request.request_uri());
  if (context->request.is("OPTIONS") && uri && uri->is_sip() && uri->user.empty()) return core::Continue{};
  Proof proof = check_credentials(*context, services, Asked::ByProxy);
  if (auto* reject = std::get_if<core::Reject>(&proof)) return std::move(*reject);
  const auto from = context->request.from();
  context->user = std::get<std::string>(std::move(proof));
  if (!from || !may_say(*from, context->user, services)) return core::Reject{403, "From Is Not The Caller"};
  context->sender.owner = core::owner_of_user(context->user);
  context->preferred_number = preferred_number(context->request);
  core::remove_claims(context->request);
  return core::Continue{};
}

}  // namespace proxy::stage
