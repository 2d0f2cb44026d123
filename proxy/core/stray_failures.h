#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "common/time/instant.h"
#include "proxy/sip/message.h"
#include "proxy/transport/flow.h"

namespace proxy::core {

/// Failures of INVITEs that another process has forwarded, on their way upstream. Who sent one repeats it until it has
/// an ACK (RFC 3261 §17.2.1), and gets that only when an ACK has come from upstream: so none is lost between.
class StrayFailures {
 public:
  struct Ack {
    sip::Message message;
    transport::Flow flow;  // over which the failure came
  };

  /// `failure`: a 3xx to 6xx to an INVITE as it came, our Via on top.
  void note(const sip::Message& failure, const transport::Flow& flow, common::Instant now);
  /// The ACK that the one from upstream stands for, as often as it comes; nullopt: it is for none of these.
  std::optional<Ack> acknowledge(const sip::Message& ack, common::Instant now);

  std::size_t size() const noexcept { return acks_.size(); }

 private:
  void forget_old(common::Instant now);

  std::unordered_map<std::string, Ack> acks_;                     // by branch and sent-by of the Via below ours
  std::deque<std::pair<common::Instant, std::string>> expiries_;  // oldest first
};

}  // namespace proxy::core
