#include "common/base/text.h"
#include "proxy/stage/stages.h"

namespace proxy::stage {

/// RFC 3261 §16.3 step 5: of what a request may demand of proxies, only `outbound`'s Path handling is ours, and nobody
/// names it there.
Verdict check_extensions(const ContextPtr& context, Services&) {
  std::string unsupported;
  for (const std::string& value : context->request.all("Proxy-Require")) {
    for (const auto token : common::split(value, ',')) {
      if (!unsupported.empty()) unsupported += ", ";
      unsupported += common::trim(token);
    }
  }
  if (unsupported.empty()) return core::Continue{};
  return core::Reject{420, "Bad Extension", {{"Unsupported", unsupported}}};
}

}  // namespace proxy::stage
