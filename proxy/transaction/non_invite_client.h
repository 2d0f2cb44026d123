#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/time/instant.h"
#include "proxy/sip/message.h"
#include "proxy/transaction/output.h"
#include "proxy/transaction/timers.h"

namespace proxy::transaction {

/// Client transaction of every request but INVITE and ACK, RFC 3261 §17.1.2.
/// Push one input, drain poll_output(), then sleep until next_timeout().
class NonInviteClient {
 public:
  enum class State : std::uint8_t { Trying, Proceeding, Completed, Terminated };

  /// Sends at once. The topmost Via carries our branch.
  NonInviteClient(const sip::Message& request, bool reliable, common::Instant now);

  void on_response(sip::Message response, common::Instant now);
  void on_timeout(common::Instant now);
  void on_transport_error();

  std::optional<Output> poll_output() { return outputs_.pop(); }
  /// Earliest of timers E, F and K.
  Timer next_timeout() const noexcept { return earliest(repeat_.next(), end_); }
  State state() const noexcept { return state_; }

 private:
  void end(Ended::Why why);

  std::string bytes_;
  bool reliable_;
  State state_ = State::Trying;
  Repeater repeat_;  // timer E
  Timer end_;        // timer F or K
  OutputQueue<Output> outputs_;
};

}  // namespace proxy::transaction
