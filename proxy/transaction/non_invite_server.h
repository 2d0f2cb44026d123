#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/time/instant.h"
#include "proxy/sip/message.h"
#include "proxy/transaction/output.h"
#include "proxy/transaction/timers.h"

namespace proxy::transaction {

/// Server transaction of every request but INVITE and ACK, RFC 3261 §17.2.2 with RFC 4320: no provisional response but
/// 100, and 408 is never sent (the client has timed out by then), it only ends the wait.
/// Push one input, drain poll_output(), then sleep until next_timeout().
class NonInviteServer {
 public:
  enum class State : std::uint8_t { Trying, Proceeding, Completed, Terminated };

  explicit NonInviteServer(bool reliable) : reliable_(reliable) {}

  /// The same request again.
  void on_repeat();
  void respond(const sip::Message& response, common::Instant now);
  void on_timeout(common::Instant now);
  void on_transport_error();

  std::optional<Output> poll_output() { return outputs_.pop(); }
  /// Timer J.
  Timer next_timeout() const noexcept { return end_; }
  State state() const noexcept { return state_; }

 private:
  void end(Ended::Why why);

  std::string bytes_;  // what a repeat is answered with
  bool reliable_;
  State state_ = State::Trying;
  Timer end_;  // timer J
  OutputQueue<Output> outputs_;
};

}  // namespace proxy::transaction
