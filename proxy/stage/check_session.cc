#include "proxy/core/session_timer.h"
#include "proxy/stage/stages.h"

namespace proxy::stage {

/// Where sessions are to be refreshed, one that would have to be all the time is refused, RFC 4028 §8.1.
Verdict check_session(const ContextPtr& context, Services& services) {
  if (services.settings.session_expires == 0 || !core::is_too_brief(context->request)) return core::Continue{};
  return core::Reject{422, "Session Interval Too Small", {{"Min-SE", std::to_string(core::kShortestSession)}}};
}

}  // namespace proxy::stage
