#pragma once

#include "relay/codec/transcoder.h"
#include "relay/session/drop_reason.h"

namespace relay::session {

/// What the sessions of one shard count together: plain numbers of its thread, which outlive each session.
struct Counters {
  DropCounters drops;
  codec::TranscoderStatistics transcoding;
};

}  // namespace relay::session
