#include <map>

#include "proxy/core/hop.h"
#include "proxy/sip/name_addr.h"
#include "proxy/stage/stages.h"

namespace proxy::stage {
namespace {

core::Target target_of(const store::Binding& binding, std::string_view user) {
  core::Target target;
  target.request_uri = binding.contact;
  target.routes = binding.path;
  target.peer = core::peer_of(binding, core::owner_of_user(user));
  target.hop = core::hop_to(binding);
  return target;
}

/// Several flows of one user agent are one target, RFC 5626 §5.3. `bindings`: best first.
std::vector<core::Target> targets_of(const std::vector<store::Binding>& bindings, std::string_view user) {
  std::vector<core::Target> targets;
  std::map<std::string, std::size_t> by_instance;
  for (const store::Binding& binding : bindings) {
    const bool is_flow = binding.reg_id != 0 && !binding.instance.empty();
    const auto [known, is_first] =
        is_flow ? by_instance.try_emplace(binding.instance, targets.size()) : std::pair{by_instance.end(), true};
    if (is_first) {
      targets.push_back(target_of(binding, user));
    } else {
      targets[known->second].other_flows.push_back(target_of(binding, user));
    }
  }
  return targets;
}

/// The user that is called; nullopt: it is nobody of ours.
std::optional<std::string> called_user(const core::RequestContext& context, const core::Administration& administration,
                                       const std::string& number) {
  if (context.is_from_trunk()) {
    const trunk::Trunk* trunk = administration.trunks.find(context.trunk);
    if (trunk == nullptr) return std::nullopt;
    const std::string here = trunk->incoming_number(number, administration.router.plan());
    auto user = administration.trunks.inbound_user(*trunk, here);
    if (user && administration.users.contains(*user)) return user;
    return std::nullopt;
  }
  if (!administration.users.contains(number)) return std::nullopt;
  return number;
}

}  // namespace

/// Rings every user agent of a registered user at once.
Verdict find_user(const ContextPtr& context, Services& services) {
  if (context->is_in_dialog()) return core::Continue{};
  const auto uri = sip::Uri::parse(context->request.request_uri());
  const auto user = uri ? called_user(*context, services.administration, uri->plain_user()) : std::nullopt;
  if (!user && context->is_from_trunk()) return core::Reject{404, "Not Found"};
  if (!user) return core::Continue{};
  services.store.load(services.listeners.address_of_record(*user), services.now(), [context, user](auto loaded) {
    if (!loaded) return context->resume(core::Reject{503, "Registrations Unavailable", {{"Retry-After", "5"}}});
    std::vector<core::Target> targets = targets_of(loaded->bindings, *user);
    if (targets.empty()) return context->resume(core::Reject{480, "Temporarily Unavailable"});
    context->targets = {std::move(targets)};
    context->rule = "user";
    context->resume(core::Continue{});
  });
  return core::Suspend{};
}

}  // namespace proxy::stage
