#include <algorithm>

#include "relay/ice/candidate_text.h"
#include "relay/ice/generation.h"

/// What comes in: checks of the peer (RFC 8445 §7.3) and answers to ours (§7.2.5).
namespace relay::ice {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxValidated = 16;

}  // namespace

void Generation::on_request(const stun::MessageView& request, Component component, const common::SocketAddress& remote,
                            common::Instant now) {
  const std::string& password = plan_.local.password;
  if (!request.unknown_required().empty()) {
    send(component, remote, write_unknown_attributes(request, password));
    return;
  }
  if (!role_agreed(request)) {
    send(component, remote, write_role_conflict(request, password));
    return;
  }
  send(component, remote, write_success(request, remote, password));
  note_validated(component, remote);
  if (auto& current = selection(component); current && current->remote == remote) current->consent.on_check(now);
  const IncomingCheck check{
      component, remote,
      request.priority().value_or(candidate_priority(CandidateType::PeerReflexive, 65535, component)),
      request.use_candidate()};
  if (plan_.remote) {
    take(check, now);
  } else {
    remember(check);
  }
}

/// §7.3.1.1. False: the peer has to give way. A lite agent cannot control, so it never does.
bool Generation::role_agreed(const stun::MessageView& request) {
  if (const auto theirs = request.controlling(); theirs && plan_.controlling) {
    if (full() && plan_.tie_breaker >= *theirs) return false;
    switch_role(false);
  } else if (const auto controlled = request.controlled(); controlled && !plan_.controlling) {
    if (!full() || plan_.tie_breaker < *controlled) return false;
    switch_role(true);
  }
  return true;
}

void Generation::switch_role(bool controlling) {
  plan_.controlling = controlling;
  for (Pair& pair : list_.pairs()) pair.nominate = false;
}

void Generation::note_validated(Component component, const common::SocketAddress& remote) {
  std::erase_if(validated_, [&](const Validated& v) { return v.component == component && v.remote == remote; });
  validated_.push_front({component, remote});
  if (validated_.size() > kMaxValidated) validated_.pop_back();
}

void Generation::remember(const IncomingCheck& check) {
  const auto known = std::ranges::find_if(remembered_, [&](const IncomingCheck& other) {
    return other.component == check.component && other.remote == check.remote;
  });
  if (known != remembered_.end()) {
    known->use_candidate = known->use_candidate || check.use_candidate;
  } else if (remembered_.size() < kMaxRemembered) {
    remembered_.push_back(check);
  }
}

void Generation::take(const IncomingCheck& check, common::Instant now) {
  if (retired_ || !has_component(check.component)) return;
  Pair* pair =
      list_.find_or_add(check.component, check.remote, check.priority, local_priority(check.component, check.remote));
  if (pair == nullptr) return;
  if (!full()) {
    pair->state = PairState::Succeeded;
    if (check.use_candidate) select(*pair, now);
    return;
  }
  if (check.use_candidate && !plan_.controlling) pair->nominate = true;
  check_back(*pair, now);
}

/// Triggered check, §7.3.1.4.
void Generation::check_back(Pair& pair, common::Instant now) {
  switch (pair.state) {
    case PairState::Succeeded:
      if (pair.nominate && !plan_.controlling) {
        pair.nominate = false;
        select(pair, now);
      }
      return;
    case PairState::InProgress:
      // The way is open now: repeat at once what may have been dropped before, instead of a new transaction.
      if (pair.check && now - pair.check->last_sent >= 100ms) pair.check->next_send = now;
      return;
    case PairState::Frozen:
    case PairState::Waiting:
    case PairState::Failed:
      pair.state = PairState::Waiting;
      list_.trigger(pair);
      return;
  }
}

bool Generation::on_response(const stun::MessageView& response, Component component,
                             const common::SocketAddress& remote, common::Instant now) {
  if (on_consent_response(response, component, remote, now)) return true;
  Pair* pair = list_.find_check(response.transaction_id());
  if (pair == nullptr) return false;
  // Unauthenticated refusals are not believed: the peer may just not know our credentials yet, the check is repeated.
  if (!response.integrity_matches(plan_.remote->password)) return true;
  const bool symmetric = pair->component() == component && pair->remote.address == remote;
  if (!symmetric) {  // §7.2.5.2.1
    pair->check.reset();
    pair->state = PairState::Failed;
  } else if (response.message_class() == stun::MessageClass::Success) {
    on_success(*pair, now);
  } else {
    const auto error = response.error_code();
    on_error(*pair, error ? error->code : stun::kBadRequest);
  }
  return true;
}

void Generation::on_success(Pair& pair, common::Instant now) {
  const Check check = std::move(*pair.check);
  pair.check.reset();
  pair.state = PairState::Succeeded;
  note_validated(pair.component(), pair.remote.address);
  list_.unfreeze_like(pair);
  auto& first = first_valid_[static_cast<std::size_t>(pair.component()) - 1];
  if (!first) first = now;
  const bool nominated = plan_.controlling ? check.nominating && check.controlling : pair.nominate;
  if (nominated) {
    pair.nominate = false;
    select(pair, now);
  }
  nominate(pair.component(), now);
}

void Generation::on_error(Pair& pair, std::uint16_t code) {
  const bool was_controlling = pair.check->controlling;
  pair.check.reset();
  if (code != stun::kRoleConflict) {
    pair.state = PairState::Failed;
    pair.nominate = false;
    return;
  }
  if (was_controlling == plan_.controlling) {  // §7.2.5.1
    switch_role(!was_controlling);
    plan_.tie_breaker = random_->u64();
  }
  pair.state = PairState::Waiting;
  list_.trigger(pair);
}

bool Generation::on_consent_response(const stun::MessageView& response, Component component,
                                     const common::SocketAddress& remote, common::Instant now) {
  auto& current = selection(component);
  if (!current || !current->consent.owns(response.transaction_id())) return false;
  if (current->remote != remote || !plan_.remote || !response.integrity_matches(plan_.remote->password)) return true;
  if (response.message_class() == stun::MessageClass::Success) {
    current->consent.on_answer(now);
  } else if (const auto error = response.error_code(); error && error->code == stun::kForbidden) {
    lose_consent(component);  // revoked, RFC 7675 §5.2
  }
  return true;
}

}  // namespace relay::ice
