#include <algorithm>
#include <utility>

#include "common/log/log.h"
#include "proxy/core/best_response.h"
#include "proxy/core/caller.h"
#include "proxy/core/cseq_room.h"
#include "proxy/core/forwarding.h"
#include "proxy/core/identity.h"
#include "proxy/core/own_dialog.h"
#include "proxy/core/route_set.h"
#include "proxy/core/session_timer.h"

/// What Forwarding sends upstream.
namespace proxy::core {
namespace {

constexpr std::size_t kTagBytes = 8;

}  // namespace

sip::Message Forwarding::local_response(int status, std::string_view reason) const {
  return sip::Message::response_to(context_->request, status, reason, services_.random.hex(kTagBytes));
}

sip::Message Forwarding::homeward(const Branch& branch, const sip::Message& response) {
  sip::Message message = response;
  message.remove_first("Via");
  if (!branch.target.trunk || !branch.target.trunk->trusted_identity) remove_claims(message);
  if (context_->sender.leg != Leg::Trunk) withhold_identity(message);
  restore_caller(message, *context_);
  if (makes_cseq_room(*context_, branch.target)) join_cseq(message);
  promise_session(message, context_->request, services_.settings.session_expires);
  const std::string callee_tag = message.to_tag();
  if (branch.sent.cookie.empty() || callee_tag.empty() || message.status() >= 300) return message;
  const DialogCookie cookie = dialog_cookie(*context_, onward(branch), services_, services_.keys.hash_of(callee_tag));
  const std::string sealed =
      seal_dialog_cookie(services_.keys.sealer, cookie, message.call_id(), context_->request.from_tag());
  const Listener& listener = services_.listeners.at(context_->flow.listener);
  const std::string value = record_route(listener, sealed, sip::is_sips(context_->request.request_uri()));
  if (!replace_record_route(message, branch.sent.cookie, value) && message.status() >= 200) {
    common::log::info("dialog.record_route_lost", {{"call_id", message.call_id()}});
  }
  return message;
}

TeardownBlob Forwarding::dialog_of(const Branch& branch, const sip::Message& response) const {
  TeardownBlob blob;
  blob.time = services_.unix_seconds();
  blob.call_id = response.call_id();
  blob.caller = caller_end(context_->request, context_->sender);
  blob.caller_seen = response.get("From");
  blob.callee = callee_end(response, branch.target.peer, branch.sent.cookie);
  return blob;
}

void Forwarding::enqueue(Index index, const sip::Message& response, const common::IpAddress& source) {
  auto slot = std::make_shared<Queued>(Queued{homeward(branches_[index], response), true});
  queue_.push_back(slot);
  if (is_invite() && response.status() >= 200) slot->dialog = dialog_of(branches_[index], response);
  if (carries_media() && response.has_unclear_sdp()) {
    ++pending_;
    on_described(index, slot, common::Err{media::Refusal{488, "Unclear Session Description", false}});
  } else if (carries_media() && response.has_sdp()) {
    describe(index, response, source, slot);
  }
  flush();
}

void Forwarding::describe(Index index, const sip::Message& response, const common::IpAddress& source,
                          const QueuedPtr& slot) {
  Branch& branch = branches_[index];
  if (branch.media_branch.empty()) branch.media_branch = branch.sent.branch;
  std::optional<std::string> blob;
  if (!branch.sent.cookie.empty() && response.has("Contact")) {
    blob = seal_teardown_blob(services_.keys.sealer, dialog_of(branch, response));
  }
  slot->ready = false;
  ++pending_;
  media_.describe(relays_[relay_], branch.target, branch.media_branch, response, source, blob,
                  [weak = weak_from_this(), index, slot](const MediaExchange::Outcome& outcome) {
                    if (const auto self = weak.lock()) self->on_described(index, slot, outcome);
                  });
}

void Forwarding::on_described(Index index, const QueuedPtr& slot, const MediaExchange::Outcome& outcome) {
  --pending_;
  slot->ready = true;
  if (outcome) {
    slot->response.set_sdp(*outcome);
  } else if (slot->response.status() < 200) {
    slot->response.remove_body();
  } else {
    common::log::info("call.media_failed", {{"call_id", slot->response.call_id()}, {"reason", outcome.error().reason}});
    Branch& branch = branches_[index];
    if (slot->dialog && branch.hung_up.insert(slot->response.to_tag()).second) {
      owner_.hang_up(*slot->dialog, !context_->is_in_dialog());
    }
    if (is_invite()) branch.state = Branch::State::Abandoned;
    answered_.reset();
    discard_offer(branch);
    slot->response = local_response(outcome.error().status, outcome.error().reason);
  }
  flush();
  owner_.touched(context_->server);
}

void Forwarding::flush() {
  while (!queue_.empty() && queue_.front()->ready) {
    const QueuedPtr slot = queue_.front();
    queue_.pop_front();
    services_.table.respond(context_->server, slot->response, now());
  }
}

void Forwarding::respond_failure() {
  final_sent_ = true;
  if (context_->request.is("BYE")) end_media(*context_, services_);
  std::vector<const sip::Message*> finals;
  for (const bool is_replaced : {false, true}) {  // a redirection counts when nobody was tried in its place
    for (const Branch& branch : branches_) {
      if (branch.final_response && branch.is_replaced == is_replaced) finals.push_back(&*branch.final_response);
    }
    if (!finals.empty()) break;
  }
  const sip::Message* best = best_response(finals);
  sip::Message response = local_response(487, "Request Terminated");
  if (best != nullptr && !cancelled_) {
    const auto owner = std::ranges::find_if(
        branches_, [&](const Branch& branch) { return branch.final_response && &*branch.final_response == best; });
    response = owner->is_local ? *best : upstream_failure(*owner, *best);
    merge_challenges(response, finals);
  }
  queue_.clear();  // provisional responses that the relay still works on tell nothing any more
  queue_.push_back(std::make_shared<Queued>(Queued{std::move(response), true}));
  flush();
}

/// Some failures are between us and the callee's side only.
sip::Message Forwarding::upstream_failure(const Branch& branch, const sip::Message& response) {
  const int status = response.status();
  if (status == 503) return local_response(500, "Next Hop Unavailable");  // RFC 3261 §16.7 step 6
  const bool is_asked = branch.target.trunk && !context_->is_at_edge;     // else the caller is
  if ((status == 401 || status == 407) && is_asked) return local_response(502, "Trunk Refused Us");
  return homeward(branch, response);
}

void Forwarding::discard_offer(Branch& branch) {
  if (branch.media_branch.empty()) return;
  media_.discard(relays_[relay_], branch.media_branch);
  branch.media_branch.clear();
  branch.relayed_sdp.reset();
}

}  // namespace proxy::core
