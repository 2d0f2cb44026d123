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

using Groups = std::vector<std::vector<core::Target>>;

/// Devices of equal q ring at once, those of a lower one afterwards, RFC 3261 §16.6; what rings nowhere goes to all of
/// them at once. Several flows of one user agent are one target, RFC 5626 §5.3. `bindings`: best first.
Groups groups_of(const std::vector<store::Binding>& bindings, std::string_view user, bool rings) {
  Groups groups;
  std::map<std::string, std::pair<std::size_t, std::size_t>> by_instance;  // group and place in it
  std::uint16_t q = 0;                                                     // of the last group
  for (const store::Binding& binding : bindings) {
    const bool is_flow = binding.reg_id != 0 && !binding.instance.empty();
    if (const auto known = by_instance.find(binding.instance); is_flow && known != by_instance.end()) {
      const auto [group, place] = known->second;
      groups[group][place].other_flows.push_back(target_of(binding, user));
      continue;
    }
    if (groups.empty() || (rings && binding.q_thousandths != q)) groups.emplace_back();
    q = binding.q_thousandths;
    if (is_flow) by_instance[binding.instance] = {groups.size() - 1, groups.back().size()};
    groups.back().push_back(target_of(binding, user));
  }
  return groups;
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

/// The user agents of a registered user.
Verdict find_user(const ContextPtr& context, Services& services) {
  if (context->is_in_dialog() || context->is_at_edge) return core::Continue{};
  const auto uri = sip::Uri::parse(context->request.request_uri());
  const auto user = uri ? called_user(*context, services.administration, uri->plain_user()) : std::nullopt;
  if (!user && context->is_from_trunk()) return core::Reject{404, "Not Found"};
  if (!user) return core::Continue{};
  services.store.load(services.listeners.address_of_record(*user), services.now(), [context, user](auto loaded) {
    if (!loaded) return context->resume(core::Reject{503, "Registrations Unavailable", {{"Retry-After", "5"}}});
    context->targets = groups_of(loaded->bindings, *user, context->request.is("INVITE"));
    if (context->targets.empty()) return context->resume(core::Reject{480, "Temporarily Unavailable"});
    context->rule = "user";
    context->resume(core::Continue{});
  });
  return core::Suspend{};
}

}  // namespace proxy::stage
