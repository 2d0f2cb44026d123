#include "common/log/log.h"
#include "proxy/core/cseq_room.h"
#include "proxy/core/forwarding.h"

/// The life of one branch of Forwarding: from its offer to what its target says last.
namespace proxy::core {
namespace {

std::string_view failure_reason(int status) {
  switch (status) {
    case 408:
      return "Request Timeout";
    case 480:
      return "Temporarily Unavailable";
    case 503:
      return "Next Hop Unreachable";
    default:
      return "Server Internal Error";
  }
}

/// A trunk may have less time to answer than timer C gives; its provisional responses do not extend it.
bool has_answer_timeout(const std::optional<trunk::Trunk>& trunk) noexcept {
  return trunk && trunk->answer_timeout > common::Duration::zero();
}

}  // namespace

SealedMedia Forwarding::sealed_media() const {
  if (!carries_media()) return {};
  const routing::MediaPolicy& policy = context_->media;
  return {.relayed = true,
          .require_encryption = policy.require_encryption,
          .route = policy.route,
          .relay = relays_[relay_],
          .relay_boot = services_.relays.boot(relays_[relay_])};
}

Onward Forwarding::onward(const Branch& branch) const {
  return {.target = branch.target,
          .place = branch.place,
          .attempt = branch.attempt,
          .breadth = context_->breadth / static_cast<unsigned>(context_->targets[next_group_ - 1].size()),
          .media = sealed_media(),
          .credentials = branch.credentials};
}

void Forwarding::launch(Index index) {
  Branch& branch = branches_[index];
  if (carries_media() && context_->request.has_unclear_sdp()) {
    branch.media_failed = true;
    return fail(index, 488, "Unclear Session Description");
  }
  auto forwarded = forward(*context_, onward(branch), services_);
  if (!forwarded) return fail(index, 500, "No Room Left In CSeq");
  branch.sent = std::move(*forwarded);
  if (carries_media() && context_->request.has_sdp() && !branch.relayed_sdp) return ask_relay(index);
  send(index);
}

void Forwarding::ask_relay(Index index) {
  Branch& branch = branches_[index];
  branch.state = Branch::State::Offering;
  ++pending_;
  const media::RelayIndex relay = relays_[relay_];
  auto done = [weak = weak_from_this(), index, relay](const MediaExchange::Outcome& outcome) {
    if (const auto self = weak.lock()) self->on_offered(index, relay, outcome);
  };
  if (context_->answers_late_offer) return media_.complete(relay, branch.target, std::move(done));
  branch.media_branch = branch.sent.branch;
  media_.offer(relay, branch.target, branch.media_branch, std::move(done));
}

void Forwarding::on_offered(Index index, media::RelayIndex relay, const MediaExchange::Outcome& outcome) {
  --pending_;
  Branch& branch = branches_[index];
  if (branch.state != Branch::State::Offering) {
    media_.discard(relay, branch.sent.branch);
  } else if (outcome && relay != relays_[relay_]) {  // another branch has moved the call on meanwhile
    media_.discard(relay, branch.media_branch);
    launch(index);
  } else if (outcome) {
    relay_is_fixed_ = true;
    branch.relayed_sdp = *outcome;
    send(index);
  } else if (outcome.error().try_next && !context_->is_in_dialog() &&
             (relays_[relay_] != relay || (!relay_is_fixed_ && relay_ + 1 < relays_.size()))) {
    media_.discard(relay, branch.media_branch);  // it may have run the offer and only its reply was lost
    if (relays_[relay_] == relay) ++relay_;
    launch(index);
  } else {
    branch.media_failed = true;
    fail(index, outcome.error().status, outcome.error().reason);
  }
  owner_.touched(context_->server);
}

/// The dialog's cookie knows the INVITE that opened it where no trunk has challenged.
bool Forwarding::is_remembered(const Branch& branch) const {
  return is_invite() && (context_->is_in_dialog() || makes_cseq_room(*context_, branch.target));
}

void Forwarding::send(Index index) {
  Branch& branch = branches_[index];
  sip::Message message = branch.sent.message;
  if (branch.relayed_sdp) message.set_sdp(*branch.relayed_sdp);
  const auto client = services_.table.send_request(std::move(message), branch.target.hop, now());
  if (!client) {
    const bool looped = client.error() == transaction::SendError::AlreadyRunning;
    return fail(index, looped ? 482 : 503, looped ? "Merged Request" : "Too Many Transactions");
  }
  branch.client = *client;
  branch.state = Branch::State::Running;
  ++live_clients_;
  owner_.adopt(*client, context_->server, branch.target.hop);
  if (!is_invite()) return;
  branch.outcome.on_sent(now());
  branch.is_late = false;
  const auto& trunk = branch.target.trunk;
  branch.ring_deadline = now() + (has_answer_timeout(trunk) ? trunk->answer_timeout : services_.settings.ringing);
  const bool has_own = trunk && trunk->provisional_timeout > common::Duration::zero();
  branch.provisional_deadline = now() + (has_own ? trunk->provisional_timeout : services_.settings.provisional);
}

void Forwarding::on_provisional(Index index, const sip::Message& response, const common::IpAddress& source) {
  Branch& branch = branches_[index];
  branch.alive = true;
  branch.provisional_deadline.reset();
  if (response.status() == 100) return;
  branch.rang = true;
  setup_deadline_.reset();
  if (is_first_invite()) branch.outcome.on_response(branch.target, response, services_);
  if (is_remembered(branch)) owner_.note_attempt(context_->request, branch.attempt);
  const bool is_extended = branch.ring_deadline && !has_answer_timeout(branch.target.trunk);
  if (is_extended) branch.ring_deadline = now() + services_.settings.ringing;
  if (!final_sent_ && !cancelled_) enqueue(index, response, source);
}

void Forwarding::on_success(Index index, const sip::Message& response, const common::IpAddress& source) {
  Branch& branch = branches_[index];
  branch.provisional_deadline.reset();
  branch.ring_deadline.reset();
  if (is_first_invite()) branch.outcome.on_response(branch.target, response, services_);
  if (final_sent_ && !accepted_) return on_late(index, response);
  branch.state = is_invite() ? Branch::State::Accepted : Branch::State::Finished;
  accepted_ = true;
  final_sent_ = true;
  if (is_invite()) {
    answered_ = dialog_of(branch, response);
    if (is_remembered(branch)) owner_.note_attempt(context_->request, branch.attempt);
    cancel_others(index, "SIP ;cause=200 ;text=\"Call completed elsewhere\"");
  }
  enqueue(index, response, source);
  if (context_->request.is("BYE")) end_media(*context_, services_);
}

/// The branch was given up; if its callee answers all the same, nobody is there to talk to. Repeats of the answer get
/// their ACK, the dialog its BYE once.
void Forwarding::on_late(Index index, const sip::Message& response) {
  Branch& branch = branches_[index];
  if (response.status() < 200) return;
  branch.state = response.status() >= 300 ? Branch::State::Finished : Branch::State::Abandoned;
  if (response.status() >= 300 || !is_invite()) return;
  const bool is_new = branch.hung_up.insert(response.to_tag()).second;
  owner_.hang_up(dialog_of(branch, response), is_new && !context_->is_in_dialog());
}

void Forwarding::on_failure(Index index, const sip::Message& response) {
  if (!cancelled_ && answer_challenge(index, response)) return;
  if (response.status() == 430) {
    branches_[index].state = Branch::State::Finished;
    if (try_other_flow(index)) return;
  }
  Branch& branch = branches_[index];
  if (is_first_invite()) branch.outcome.on_response(branch.target, response, services_);
  discard_offer(branch);
  branch.state = Branch::State::Finished;
  branch.provisional_deadline.reset();
  branch.ring_deadline.reset();
  branch.final_response = branch.timed_out ? local_response(408, failure_reason(408)) : response;
  branch.is_local = branch.timed_out;
  if (response.status() >= 600) cancel_others(index, {});
  if (follow_redirect(index, response)) return;
  settle();
}

/// The same target once more with credentials, RFC 3261 §22.3.
bool Forwarding::answer_challenge(Index index, const sip::Message& response) {
  Branch& branch = branches_[index];
  if (!branch.target.trunk || context_->is_at_edge || !makes_cseq_room(*context_, branch.target)) return false;
  if (branch.attempt + 1 >= kMaxAttempts) return false;
  auto credentials = core::answer_challenge(*branch.target.trunk, response, branch.target.request_uri,
                                            branch.credentials, services_.random);
  if (!credentials) return false;
  branch.credentials = std::move(*credentials);
  branch.alive = false;
  ++branch.attempt;
  launch(index);
  return true;
}

/// The flow has failed, not the user agent behind it, RFC 5626 §5.3: once more over the next one.
bool Forwarding::try_other_flow(Index index) {
  Branch& failed = branches_[index];
  if (cancelled_ || final_sent_ || failed.rang || failed.target.other_flows.empty()) return false;
  discard_offer(failed);
  Branch next;
  next.place = static_cast<unsigned>(branches_.size());
  next.target = failed.target.other_flows.front();
  next.target.other_flows.assign(failed.target.other_flows.begin() + 1, failed.target.other_flows.end());
  if (failed.state == Branch::State::Running) failed.state = Branch::State::Abandoned;
  failed.provisional_deadline.reset();
  failed.ring_deadline.reset();
  failed.is_replaced = true;
  failed.target.peer = next.target.peer;  // what it says late comes over the flow that is left
  branches_.push_back(std::move(next));
  launch(branches_.size() - 1);
  return true;
}

void Forwarding::fail(Index index, int status, std::string_view reason) {
  Branch& branch = branches_[index];
  discard_offer(branch);
  branch.state = Branch::State::Finished;
  branch.provisional_deadline.reset();
  branch.ring_deadline.reset();
  branch.final_response = local_response(status, reason);
  // A trunk that cannot be reached counts as one that said 503, RFC 3261 §16.9.
  branch.is_local = !branch.is_unreachable || !branch.target.trunk;
  settle();
}

void Forwarding::on_client_ended(transaction::TransactionId client, transaction::Ended::Why why) {
  Index index = 0;
  Branch* branch = find(client, index);
  if (live_clients_ > 0) --live_clients_;
  if (branch != nullptr) {
    if (branch->state == Branch::State::Running) {
      const bool unreachable = why == transaction::Ended::Why::TransportError;
      const int status = unreachable ? (branch->target.trunk ? 503 : 480) : 408;
      branch->is_unreachable = unreachable;
      branch->was_silent = true;
      if (is_first_invite()) branch->outcome.on_silence(branch->target, services_);
      branch->state = Branch::State::Finished;
      if (!try_other_flow(index)) fail(index, status, failure_reason(status));
    } else {
      branch->state = Branch::State::Finished;
    }
  }
  owner_.touched(context_->server);
}

/// Nobody waits for it any more; the table sends CANCEL as soon as the callee shows itself.
void Forwarding::abandon(Index index, std::string_view reason) {
  Branch& branch = branches_[index];
  branch.state = Branch::State::Abandoned;
  branch.provisional_deadline.reset();
  branch.ring_deadline.reset();
  discard_offer(branch);
  if (is_invite()) services_.table.cancel(branch.client, now(), reason);
}

void Forwarding::on_callee_gone(transport::ConnectionId connection) {
  for (Index index = 0; index < branches_.size(); ++index) {
    Branch& branch = branches_[index];
    const auto* flow = std::get_if<transport::Flow>(&branch.target.hop);
    if (branch.state != Branch::State::Running || flow == nullptr || flow->connection != connection) continue;
    if (is_invite()) services_.table.cancel(branch.client, now());  // nothing else ends a transaction that rang
    if (try_other_flow(index)) continue;
    fail(index, 480, failure_reason(480));
  }
  owner_.touched(context_->server);
}

}  // namespace proxy::core
