#pragma once

#include <cstdint>
#include <variant>

#include "relay/session/plan.h"
#include "relay/session/report.h"

/// What the control thread and a shard say to each other. Each travels once through the shard's inbox or outbox;
/// nothing in it is shared.
namespace relay::worker {

/// Ties an answer to its question.
using Token = common::Strong<struct TokenTag, std::uint64_t>;

struct ApplyPlan {
  session::SessionId id;
  session::SessionPlan plan;
};
struct QuerySession {
  session::SessionId id;
  Token token;
};
/// Closes every port of the session, after RTCP BYE, and reports it a last time.
struct RemoveSession {
  session::SessionId id;
  Token token;
};
/// As RemoveSession for every session, without a report.
struct StopShard {};
using ShardCommand = std::variant<ApplyPlan, QuerySession, RemoveSession, StopShard>;

struct Reported {
  Token token;
  session::SessionReport report;  // without legs when the session is unknown
};
/// The session still runs: the control thread decides what becomes of it.
struct SessionFailed {
  session::SessionId id;
  session::EndCause cause;
  session::LegId leg;
};
using ShardEvent = std::variant<Reported, SessionFailed>;

}  // namespace relay::worker
