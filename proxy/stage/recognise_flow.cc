#include <algorithm>

#include "proxy/core/hop.h"
#include "proxy/stage/stages.h"

namespace proxy::stage {

/// A caller that is registered over this flow is remembered by its flow id, which outlives connection and node.
Verdict recognise_flow(const ContextPtr& context, Services& services) {
  if (context->is_in_dialog() || context->user.empty()) return core::Continue{};
  services.store.load(services.listeners.address_of_record(context->user), services.now(), [context](auto loaded) {
    if (loaded) {
      const auto same = std::ranges::find_if(
          loaded->bindings, [&](const auto& binding) { return core::is_same_flow(binding, context->flow); });
      if (same != loaded->bindings.end()) context->sender = core::peer_of(*same, context->sender.owner);
    }
    context->resume(core::Continue{});  // without the store the connection itself has to do
  });
  return core::Suspend{};
}

}  // namespace proxy::stage
