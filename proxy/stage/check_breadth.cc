#include <algorithm>

#include "common/base/text.h"
#include "proxy/stage/stages.h"

namespace proxy::stage {

/// RFC 5393 §5.3: a request that was forked on its way may only be forked so far.
Verdict check_breadth(const ContextPtr& context, Services&) {
  if (const auto named = common::parse_number<unsigned>(context->request.get("Max-Breadth"))) {
    context->breadth = std::min(*named, core::kMaxBreadth);
  }
  const bool fits =
      std::ranges::all_of(context->targets, [&](const auto& group) { return group.size() <= context->breadth; });
  if (!fits) return core::Reject{440, "Max-Breadth Exceeded"};
  return core::Continue{};
}

}  // namespace proxy::stage
