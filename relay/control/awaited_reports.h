#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "common/time/timer_queue.h"
#include "control-protocol/message/reply.h"
#include "control-protocol/server/server.h"
#include "relay/control/call.h"
#include "relay/worker/messages.h"

namespace relay::control {

/// The time of one cycle, monotonic and by the wall.
struct Now {
  common::Instant instant;
  common::WallTime wall;
};

/// Ends a request of the ng server.
struct Answered {
  ng::RequestId id;
  ng::Reply reply;
};

/// What waits for a shard's figures of a call, for so long and no longer. Of a deleted call this is the last that holds
/// its ports: they are free when the shard has closed them.
class AwaitedReports {
 public:
  explicit AwaitedReports(common::Duration patience) noexcept : patience_(patience) {}

  /// `request` is answered with the figures of `call`, as it is now; without one they are only awaited.
  worker::Token await(std::optional<ng::RequestId> request, std::shared_ptr<const Call> call, common::Instant now);

  /// The reply, if somebody waits for it.
  std::optional<Answered> on_reported(const worker::Reported& reported, common::WallTime now);
  /// Replies without figures to those who have waited long enough.
  std::vector<Answered> on_timeout(Now now);
  std::optional<common::Instant> next_timeout() const noexcept { return deadlines_.next(); }
  /// Reports that had not come in time.
  std::uint64_t late() const noexcept { return late_; }

 private:
  struct Waiting {
    std::optional<ng::RequestId> request;
    std::shared_ptr<const Call> call;
  };

  common::Duration patience_;
  std::uint64_t last_token_ = 0;
  std::uint64_t late_ = 0;
  std::unordered_map<worker::Token, Waiting> waiting_;
  common::TimerQueue<worker::Token> deadlines_;
};

}  // namespace relay::control
