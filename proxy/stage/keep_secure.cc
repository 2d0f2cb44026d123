#include "proxy/sip/uri.h"
#include "proxy/stage/stages.h"

namespace proxy::stage {

/// A request for a SIPS URI takes encrypted hops alone, RFC 3261 §26.2.2 and RFC 5630 §5.3.
Verdict keep_secure(const ContextPtr& context, Services& services) {
  if (!sip::is_sips(context->request.request_uri())) return core::Continue{};
  for (auto& group : context->targets) {
    std::erase_if(group, [](const core::Target& target) { return !transport::is_secure(core::kind_of(target.hop)); });
  }
  std::erase_if(context->targets, [](const auto& group) { return group.empty(); });
  if (!context->targets.empty()) return core::Continue{};
  return core::Reject{
      480, "Temporarily Unavailable", {{"Warning", "380 " + services.listeners.domain() + " \"SIPS Not Allowed\""}}};
}

}  // namespace proxy::stage
