#include "proxy/transaction/non_invite_client.h"

namespace proxy::transaction {

NonInviteClient::NonInviteClient(const sip::Message& request, bool reliable, common::Instant now)
    : bytes_(request.to_string()), reliable_(reliable), end_(now + kTransactionTimeout) {
  if (!reliable_) repeat_.start(now, kT2);
  outputs_.push(Send{bytes_});
}

void NonInviteClient::on_response(sip::Message response, common::Instant now) {
  if (state_ == State::Completed || state_ == State::Terminated) return;
  if (response.status() < 200) {
    state_ = State::Proceeding;
    repeat_.slow_down();
    outputs_.push(Deliver{std::move(response)});
    return;
  }
  state_ = State::Completed;
  repeat_.stop();
  outputs_.push(Deliver{std::move(response)});
  if (reliable_) return end(Ended::Why::Completed);
  end_ = now + kT4;
}

void NonInviteClient::on_timeout(common::Instant now) {
  if (is_due(end_, now)) return end(state_ == State::Completed ? Ended::Why::Completed : Ended::Why::Timeout);
  if (repeat_.take(now)) outputs_.push(Send{bytes_});
}

void NonInviteClient::on_transport_error() {
  if (state_ == State::Trying || state_ == State::Proceeding) end(Ended::Why::TransportError);
}

void NonInviteClient::end(Ended::Why why) {
  state_ = State::Terminated;
  repeat_.stop();
  end_.reset();
  outputs_.push(Ended{why});
}

}  // namespace proxy::transaction
