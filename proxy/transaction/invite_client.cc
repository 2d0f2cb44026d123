#include "proxy/transaction/invite_client.h"

#include "proxy/sip/derive.h"

namespace proxy::transaction {

InviteClient::InviteClient(sip::Message invite, bool reliable, common::Instant now)
    : invite_(std::move(invite)), bytes_(invite_.to_string()), reliable_(reliable), end_(now + kTransactionTimeout) {
  if (!reliable_) repeat_.start(now, kTransactionTimeout);
  outputs_.push(Send{bytes_});
}

void InviteClient::on_response(sip::Message response, common::Instant now) {
  const int status = response.status();
  switch (state_) {
    case State::Calling:
    case State::Proceeding:
      if (status >= 200) return on_first_final(std::move(response), now);
      if (state_ == State::Calling) end_.reset();
      state_ = State::Proceeding;
      repeat_.stop();
      outputs_.push(Deliver{std::move(response)});
      return;
    case State::Accepted:  // repeats of a 2xx, and those of other branches of a fork
      if (status >= 200 && status < 300) outputs_.push(Deliver{std::move(response)});
      return;
    case State::Completed:
      if (status >= 300) outputs_.push(Send{bytes_});
      return;
    case State::Terminated:
      return;
  }
}

void InviteClient::on_first_final(sip::Message response, common::Instant now) {
  repeat_.stop();
  if (response.status() >= 300) return complete(std::move(response), now);
  state_ = State::Accepted;
  end_ = now + kTransactionTimeout;
  outputs_.push(Deliver{std::move(response)});
}

void InviteClient::complete(sip::Message response, common::Instant now) {
  state_ = State::Completed;
  bytes_ = sip::make_ack_for_failure(invite_, response).to_string();
  outputs_.push(Send{bytes_});
  outputs_.push(Deliver{std::move(response)});
  if (reliable_) return end(Ended::Why::Completed);
  end_ = now + kTimerD;
}

void InviteClient::on_timeout(common::Instant now) {
  if (is_due(end_, now)) {
    const bool answered = state_ == State::Accepted || state_ == State::Completed;
    return end(answered ? Ended::Why::Completed : Ended::Why::Timeout);
  }
  if (repeat_.take(now)) outputs_.push(Send{bytes_});
}

void InviteClient::on_transport_error() {
  if (state_ == State::Calling || state_ == State::Completed) end(Ended::Why::TransportError);
}

void InviteClient::on_given_up() {
  if (state_ == State::Calling) repeat_.stop();
}

void InviteClient::on_cancelled(common::Instant now) {
  if (state_ == State::Proceeding) end_ = now + kTransactionTimeout;
}

void InviteClient::end(Ended::Why why) {
  state_ = State::Terminated;
  repeat_.stop();
  end_.reset();
  outputs_.push(Ended{why});
}

}  // namespace proxy::transaction
