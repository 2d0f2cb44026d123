#pragma once

#include "control-protocol/message/value.h"
#include "relay/control/call.h"
#include "relay/session/report.h"

namespace relay::control {

/// What `query` and `delete` answer: `created`, `tags`, `medias`, `streams`, `SSRC`, `totals`, in rtpengine's shape.
ng::Dictionary describe_call(const Call& call, const session::SessionReport& report);

}  // namespace relay::control
