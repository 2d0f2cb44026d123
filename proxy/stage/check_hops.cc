#include "common/base/text.h"
#include "proxy/core/branch.h"
#include "proxy/stage/stages.h"

namespace proxy::stage {
namespace {

constexpr unsigned kMaxSpiral = 10;

/// A Via of ours with the same routing fields: it has been here before and would go the same way again, RFC 5393 §4.2.
bool has_looped(const core::RequestContext& context, const core::Listeners& listeners) {
  for (const std::string& value : context.request.all("Via")) {
    const auto via = sip::Via::parse(value);
    if (!via || !listeners.is_own_hop(via->host, via->port, via->transport == "TLS")) continue;
    const auto ours = core::read_branch(via->branch());
    if (ours && (ours->loop == context.loop || ours->depth >= kMaxSpiral)) return true;
  }
  return false;
}

}  // namespace

Verdict check_hops(const ContextPtr& context, Services& services) {
  if (common::parse_number<int>(context->request.get("Max-Forwards")) == 0) {
    return core::Reject{483, "Too Many Hops"};
  }
  if (has_looped(*context, services.listeners)) return core::Reject{482, "Loop Detected"};
  return core::Continue{};
}

}  // namespace proxy::stage
