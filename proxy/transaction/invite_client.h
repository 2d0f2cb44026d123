#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/time/instant.h"
#include "proxy/sip/message.h"
#include "proxy/transaction/output.h"
#include "proxy/transaction/timers.h"

namespace proxy::transaction {

/// INVITE client transaction, RFC 3261 §17.1.1 as updated by RFC 6026. It acknowledges 300–699 itself; the ACK for a
/// 2xx is the caller's. Timer C (§16.6 step 11) is the core's: Proceeding lasts until it calls on_cancelled().
/// Push one input, drain poll_output(), then sleep until next_timeout().
class InviteClient {
 public:
  enum class State : std::uint8_t { Calling, Proceeding, Accepted, Completed, Terminated };

  /// Sends at once. The topmost Via carries our branch.
  InviteClient(sip::Message invite, bool reliable, common::Instant now);

  void on_response(sip::Message response, common::Instant now);
  void on_timeout(common::Instant now);
  /// The transport could not send. Only a lost INVITE or ACK matters; later states have other ways to end.
  void on_transport_error();
  /// Nobody waits for an answer any more, but there is nothing to cancel yet: no more repeats that could make it ring.
  void on_given_up();
  /// A CANCEL went out: without a final response the transaction ends after 64 T1, RFC 3261 §9.1.
  void on_cancelled(common::Instant now);

  std::optional<Output> poll_output() { return outputs_.pop(); }
  /// Earliest of timers A, B, D and M.
  Timer next_timeout() const noexcept { return earliest(repeat_.next(), end_); }
  State state() const noexcept { return state_; }
  const sip::Message& invite() const noexcept { return invite_; }

 private:
  void on_first_final(sip::Message response, common::Instant now);
  void complete(sip::Message response, common::Instant now);
  void end(Ended::Why why);

  sip::Message invite_;
  std::string bytes_;  // of the INVITE, then of the ACK
  bool reliable_;
  State state_ = State::Calling;
  Repeater repeat_;  // timer A
  Timer end_;        // timer B, D or M
  OutputQueue<Output> outputs_;
};

}  // namespace proxy::transaction
