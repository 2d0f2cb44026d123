#include "proxy/transaction/invite_server.h"

namespace proxy::transaction {

InviteServer::InviteServer(const sip::Message& invite, bool reliable, common::Instant now)
    : trying_bytes_(sip::Message::response_to(invite, 100, "Trying", {}).to_string()),
      reliable_(reliable),
      trying_(now + kTryingDelay) {}

void InviteServer::on_repeat() {
  const bool answers = state_ == State::Proceeding || state_ == State::Completed;
  if (answers) say_again();  // a 2xx is repeated by the callee, end to end
}

void InviteServer::say_again() {
  if (!bytes_.empty()) outputs_.push(Send{bytes_});
}

bool InviteServer::on_ack(common::Instant now) {
  if (state_ == State::Accepted) return false;
  if (state_ != State::Completed) return true;
  state_ = State::Confirmed;
  repeat_.stop();
  bytes_.clear();
  if (reliable_) {
    end(Ended::Why::Completed);
  } else {
    end_ = now + kT4;
  }
  return true;
}

void InviteServer::respond(const sip::Message& response, common::Instant now) {
  const int status = response.status();
  const bool passes = state_ == State::Proceeding || (state_ == State::Accepted && status >= 200 && status < 300);
  if (!passes) return;
  trying_.reset();
  trying_bytes_.clear();
  bytes_ = response.to_string();
  outputs_.push(Send{bytes_});
  if (status >= 200 && state_ == State::Proceeding) respond_finally(status, now);
}

void InviteServer::respond_finally(int status, common::Instant now) {
  end_ = now + kTransactionTimeout;
  if (status < 300) {
    state_ = State::Accepted;
    return;
  }
  state_ = State::Completed;
  if (!reliable_) repeat_.start(now, kT2);
}

void InviteServer::on_timeout(common::Instant now) {
  if (is_due(end_, now)) return end(state_ == State::Completed ? Ended::Why::Timeout : Ended::Why::Completed);
  if (is_due(trying_, now)) {
    trying_.reset();
    bytes_ = std::move(trying_bytes_);
    outputs_.push(Send{bytes_});
  }
  if (repeat_.take(now)) outputs_.push(Send{bytes_});
}

void InviteServer::on_transport_error() {
  switch (state_) {
    case State::Proceeding:
    case State::Accepted:
      outputs_.push(Undelivered{});
      return;
    case State::Completed:
      return end(Ended::Why::TransportError);
    case State::Confirmed:
    case State::Terminated:
      return;
  }
}

void InviteServer::end(Ended::Why why) {
  state_ = State::Terminated;
  repeat_.stop();
  trying_.reset();
  end_.reset();
  outputs_.push(Ended{why});
}

}  // namespace proxy::transaction
