#pragma once

#include "control-protocol/message/value.h"
#include "relay/control/call.h"
#include "relay/session/report.h"

namespace relay::control {

/// What `query` and `delete` answer: `created`, `tags`, `medias`, `streams`, `SSRC`, `totals`, in rtpengine's shape.
/// `now` is when the report was made.
ng::Dictionary describe_call(const Call& call, const session::SessionReport& report, common::WallTime now);

}  // namespace relay::control
