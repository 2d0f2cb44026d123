#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/time/instant.h"
#include "proxy/sip/message.h"
#include "proxy/transaction/output.h"
#include "proxy/transaction/timers.h"

namespace proxy::transaction {

/// INVITE server transaction, RFC 3261 §17.2.1 as updated by RFC 6026. It sends 100 Trying by itself, but only when
/// nobody has answered within 200 ms: whoever got no 100 still repeats, and a repeat can reach another node.
/// Push one input, drain poll_output(), then sleep until next_timeout().
class InviteServer {
 public:
  enum class State : std::uint8_t { Proceeding, Accepted, Completed, Confirmed, Terminated };

  InviteServer(const sip::Message& invite, bool reliable, common::Instant now);

  /// The same INVITE again.
  void on_repeat();
  /// The last response once more: it did not arrive.
  void say_again();
  /// True: absorbed, it belongs to a 300–699. False: it acknowledges a 2xx and is the core's to forward.
  [[nodiscard]] bool on_ack(common::Instant now);
  /// A response of the core. In Accepted only further 2xx pass; what comes too late is dropped.
  void respond(const sip::Message& response, common::Instant now);
  void on_timeout(common::Instant now);
  void on_transport_error();

  std::optional<Output> poll_output() { return outputs_.pop(); }
  /// Earliest of the 200 ms for 100 Trying and timers G, H, I and L.
  Timer next_timeout() const noexcept { return earliest(repeat_.next(), earliest(trying_, end_)); }
  State state() const noexcept { return state_; }

 private:
  void respond_finally(int status, common::Instant now);
  void end(Ended::Why why);

  std::string bytes_;         // the last response
  std::string trying_bytes_;  // empty once a response was sent
  bool reliable_;
  State state_ = State::Proceeding;
  Timer trying_;
  Repeater repeat_;  // timer G
  Timer end_;        // timer H, I or L
  OutputQueue<Output> outputs_;
};

}  // namespace proxy::transaction
