#include "proxy/sip/uri.h"
#include "proxy/stage/stages.h"

namespace proxy::stage {
namespace {

bool is_secure(const core::Target& target) { return transport::is_secure(core::kind_of(target.hop)); }

/// Leaves the encrypted flows of a user agent; false: it has none.
bool keep_secure_flows(core::Target& target) {
  std::vector<core::Target> others = std::move(target.other_flows);
  std::erase_if(others, [](const core::Target& other) { return !is_secure(other); });
  if (!is_secure(target)) {
    if (others.empty()) return false;
    target = others.front();
    others.erase(others.begin());
  }
  target.other_flows = std::move(others);
  return true;
}

}  // namespace

/// A request for a SIPS URI takes encrypted hops alone, RFC 3261 §26.2.2 and RFC 5630 §5.3.
Verdict keep_secure(const ContextPtr& context, Services& services) {
  if (!sip::is_sips(context->request.request_uri())) return core::Continue{};
  for (auto& group : context->targets) {
    std::erase_if(group, [](core::Target& target) { return !keep_secure_flows(target); });
  }
  std::erase_if(context->targets, [](const auto& group) { return group.empty(); });
  if (!context->targets.empty()) return core::Continue{};
  return core::Reject{
      480, "Temporarily Unavailable", {{"Warning", "380 " + services.listeners.domain() + " \"SIPS Not Allowed\""}}};
}

}  // namespace proxy::stage
