#include "proxy/core/forwarding.h"

#include <algorithm>

#include "common/base/invariant.h"
#include "common/log/log.h"
#include "proxy/sip/name_addr.h"

/// The walk through the targets: group after group, until one of them decides.
namespace proxy::core {
Forwarding::Forwarding(ContextPtr context, Services& services, ForwardingOwner& owner)
    : context_(std::move(context)), services_(services), owner_(owner), media_(*context_, services) {
  INVARIANT(!context_->targets.empty(), "a request is forwarded to somebody");
  if (context_->dialog) {
    relays_ = {context_->dialog->cookie.media.relay};
    relay_is_fixed_ = true;
  } else if (context_->media.relay) {
    relays_ = services_.relays.order_for(context_->request.call_id());
  }
}

bool Forwarding::carries_media() const noexcept {
  if (context_->dialog) return context_->dialog->cookie.media.relayed;
  return context_->media.relay && is_invite();
}

void Forwarding::start() {
  context_->on_targets = [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->pass_over_late();
    self->settle();
    self->owner_.touched(self->context_->server);
  };
  if (is_first_invite()) setup_deadline_ = now() + services_.settings.setup;
  start_group();
  owner_.touched(context_->server);
}

void Forwarding::start_group() {
  group_begin_ = branches_.size();
  for (const Target& target : context_->targets[next_group_]) {
    Branch& branch = branches_.emplace_back();
    branch.target = target;
    branch.place = static_cast<unsigned>(branches_.size() - 1);
  }
  ++next_group_;
  group_deadline_.reset();
  const bool is_of_user = !branches_.back().target.trunk;
  if (is_invite() && is_of_user && next_group_ < context_->targets.size()) {
    group_deadline_ = now() + services_.settings.next_device;
  }
  const Index end = branches_.size();  // a target that fails at once may have started the next group meanwhile
  for (Index index = branches_.size() - context_->targets[next_group_ - 1].size(); index < end; ++index) launch(index);
}

Forwarding::Branch* Forwarding::find(transaction::TransactionId client, Index& index) {
  for (index = 0; index < branches_.size(); ++index) {
    if (branches_[index].client == client) return &branches_[index];
  }
  return nullptr;
}

void Forwarding::on_response(transaction::TransactionId client, const sip::Message& response,
                             const common::IpAddress& source) {
  Index index = 0;
  const Branch* branch = find(client, index);
  if (branch == nullptr) return;
  if (branch->state == Branch::State::Abandoned) {
    on_late(index, response);
  } else if (response.status() < 200) {
    on_provisional(index, response, source);
  } else if (response.status() < 300) {
    on_success(index, response, source);
  } else if (branch->state == Branch::State::Running) {
    on_failure(index, response);
  }
  owner_.touched(context_->server);
}

void Forwarding::on_server_ended() {
  server_ended_ = true;
  owner_.touched(context_->server);
}

void Forwarding::on_cancel(std::string_view reason) {
  if (cancelled_ || final_sent_) return;
  cancelled_ = true;
  cancel_others(std::nullopt, reason);
  settle();
  owner_.touched(context_->server);
}

/// Everybody stops ringing but for `except`, who has answered. After an answer whoever is silent yet may answer, too,
/// and that is the caller's to know, RFC 3261 §16.7 step 5; else nobody waits for the silent.
void Forwarding::cancel_others(std::optional<Index> except, std::string_view reason) {
  for (Index index = 0; index < branches_.size(); ++index) {
    if (index == except) continue;
    Branch& branch = branches_[index];
    if (!branch.rang) branch.outcome.on_cancel();
    if (branch.state == Branch::State::Offering) {
      branch.state = Branch::State::Finished;
    } else if (branch.state == Branch::State::Running && (branch.alive || accepted_)) {
      branch.provisional_deadline.reset();
      branch.ring_deadline.reset();
      services_.table.cancel(branch.client, now(), reason);
    } else if (branch.state == Branch::State::Running) {
      abandon(index, reason);
    }
  }
}

void Forwarding::on_undelivered() {
  if (answered_ && is_invite() && !context_->is_in_dialog()) {
    common::log::info("call.answered_to_nobody", {{"call_id", context_->request.call_id()}});
    owner_.hang_up(*answered_, true);
    const auto callee = sip::NameAddr::parse(answered_->callee.party);
    for (Branch& branch : branches_) {
      if (branch.state != Branch::State::Accepted || !callee) continue;
      branch.state = Branch::State::Abandoned;  // its repeats get their ACK and nothing more
      branch.hung_up.insert(std::string{callee->tag()});
    }
    if (carries_media() && callee) end_media(*context_, relays_[relay_], std::string{callee->tag()}, services_);
    answered_.reset();
  } else {
    on_cancel("SIP ;cause=480 ;text=\"Caller unreachable\"");
  }
}

bool Forwarding::is_answered() const noexcept {
  const bool is_known_upstream = accepted_ || server_ended_ || !is_invite();
  return final_sent_ && pending_ == 0 && queue_.empty() && is_known_upstream;
}

bool Forwarding::is_done() const noexcept { return server_ended_ && live_clients_ == 0 && pending_ == 0; }

/// When every branch of the group has ended: the next group, or the best of what they said.
void Forwarding::settle() {
  if (final_sent_ || (lookups_ > 0 && !cancelled_)) return;
  const bool ended = std::all_of(
      branches_.begin() + static_cast<std::ptrdiff_t>(group_begin_), branches_.end(), [](const Branch& branch) {
        return branch.state == Branch::State::Finished || branch.state == Branch::State::Abandoned;
      });
  if (!ended) return;
  const bool goes_on = may_fail_over();
  if (goes_on && next_group_ < context_->targets.size()) return start_group();
  if (!goes_on || !context_->more_targets) respond_failure();
}

bool Forwarding::may_fail_over() const {
  if (cancelled_ || setup_is_over_) return false;
  return std::all_of(branches_.begin() + static_cast<std::ptrdiff_t>(group_begin_), branches_.end(),
                     [this](const Branch& branch) { return branch.is_replaced || leaves_the_next(branch); });
}

/// A trunk is followed by another one where that may do better and no phone has rung; a user's device by the next one
/// unless the user has decided for all of them.
bool Forwarding::leaves_the_next(const Branch& branch) const {
  if (branch.media_failed || !branch.final_response) return false;
  const int status = branch.final_response->status();
  if (!branch.target.trunk) return status >= 400 && status < 600;
  return !branch.rang && (branch.was_silent || is_retryable(branch.target, status));
}

}  // namespace proxy::core
