#include "proxy/transaction/non_invite_server.h"

namespace proxy::transaction {

void NonInviteServer::on_repeat() {
  const bool answers = state_ == State::Proceeding || state_ == State::Completed;
  if (answers && !bytes_.empty()) outputs_.push(Send{bytes_});
}

void NonInviteServer::respond(const sip::Message& response, common::Instant now) {
  if (state_ == State::Completed || state_ == State::Terminated) return;
  const int status = response.status();
  if (status > 100 && status < 200) return;
  bytes_ = status == 408 ? std::string{} : response.to_string();
  if (!bytes_.empty()) outputs_.push(Send{bytes_});
  state_ = status < 200 ? State::Proceeding : State::Completed;
  if (state_ != State::Completed) return;
  if (reliable_) return end(Ended::Why::Completed);
  end_ = now + kTransactionTimeout;
}

void NonInviteServer::on_timeout(common::Instant now) {
  if (is_due(end_, now)) end(Ended::Why::Completed);
}

void NonInviteServer::on_transport_error() {
  switch (state_) {
    case State::Trying:
    case State::Proceeding:
      outputs_.push(Undelivered{});
      return;
    case State::Completed:
      return end(Ended::Why::TransportError);
    case State::Terminated:
      return;
  }
}

void NonInviteServer::end(Ended::Why why) {
  state_ = State::Terminated;
  end_.reset();
  outputs_.push(Ended{why});
}

}  // namespace proxy::transaction
