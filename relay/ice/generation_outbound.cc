#include <algorithm>

#include "relay/ice/candidate_text.h"
#include "relay/ice/generation.h"

/// What goes out by the clock: paced and repeated checks (RFC 8445 §6.1.4, §14), nomination (§8.1.1), consent.
namespace relay::ice {
namespace {

using namespace std::chrono_literals;

constexpr Component kComponents[] = {Component::Rtp, Component::Rtcp};
constexpr common::Duration kTa = 50ms;
constexpr common::Duration kLeastRto = 500ms;
constexpr unsigned kRc = 7;   // RFC 8489 §6.2.1: sends of one request
constexpr unsigned kRm = 16;  // and how many RTO to wait after the last one
/// How long a better pair may keep a valid one from being nominated.
constexpr common::Duration kNominationDelay = 500ms;

void keep_earliest(std::optional<common::Instant>& earliest, std::optional<common::Instant> candidate) noexcept {
  if (candidate && (!earliest || *candidate < *earliest)) earliest = candidate;
}

}  // namespace

std::array<bool, 2> Generation::unsettled() const noexcept {
  return {has_component(Component::Rtp) && !selections_[0], has_component(Component::Rtcp) && !selections_[1]};
}

bool Generation::has_work() const noexcept { return checks_allowed() && list_.has_work(unsettled()); }

void Generation::on_timeout(common::Instant now) {
  if (checks_allowed()) {
    repeat_checks(now);
    for (const Component component : kComponents) nominate(component, now);
    if (next_pace_ <= now && has_work()) send_next_check(now);
  }
  for (const Component component : kComponents) ask_consent(component, now);
  give_up(now);
}

std::optional<common::Instant> Generation::next_timeout() const noexcept {
  std::optional<common::Instant> earliest = give_up_at_;
  if (has_work()) keep_earliest(earliest, next_pace_);
  for (const Component component : kComponents) {
    if (selection(component)) keep_earliest(earliest, selection(component)->consent.next_timeout());
    if (checks_allowed()) keep_earliest(earliest, nomination_due(component));
  }
  for (const Pair& pair : list_.pairs()) {
    if (pair.check) keep_earliest(earliest, pair.check->next_send);
  }
  return earliest;
}

void Generation::send_next_check(common::Instant now) {
  Pair* pair = list_.next(unsettled(), plan_.controlling);
  if (pair == nullptr) return;
  next_pace_ = now + kTa;
  start_check(*pair, now);
}

stun::TransactionId Generation::new_id() {
  stun::TransactionId id;
  random_->fill(id);
  return id;
}

CheckFacts Generation::facts_for(Component component, const common::SocketAddress& remote,
                                 bool nominating) const noexcept {
  const auto preference = static_cast<std::uint16_t>(local_priority(component, remote) >> 8);
  return {candidate_priority(CandidateType::PeerReflexive, preference, component), plan_.tie_breaker, plan_.controlling,
          nominating};
}

void Generation::start_check(Pair& pair, common::Instant now) {
  const bool nominating = plan_.controlling && pair.nominate;
  Check check;
  check.id = new_id();
  check.request =
      write_check(check.id, plan_.local, *plan_.remote, facts_for(pair.component(), pair.remote.address, nominating));
  if (pair.state != PairState::Succeeded) pair.state = PairState::InProgress;  // a nominated pair stays valid
  check.interval = std::max<common::Duration>(kLeastRto, kTa * static_cast<int>(list_.active()));
  check.last_sent = now;
  check.next_send = now + check.interval;
  check.controlling = plan_.controlling;
  check.nominating = nominating;
  send(pair.component(), pair.remote.address, check.request);
  pair.check = std::move(check);
}

void Generation::repeat_checks(common::Instant now) {
  for (Pair& pair : list_.pairs()) {
    if (!pair.check || pair.check->next_send > now) continue;
    Check& check = *pair.check;
    if (check.sends >= kRc) {
      pair.check.reset();
      pair.state = PairState::Failed;
      pair.nominate = false;
      continue;
    }
    send(pair.component(), pair.remote.address, check.request);
    const common::Duration first = check.interval / (1U << (check.sends - 1));
    ++check.sends;
    check.interval *= 2;
    check.last_sent = now;
    check.next_send = now + (check.sends == kRc ? first * kRm : check.interval);
  }
}

/// When the best valid pair is good enough; nullopt: none is valid, or one is being nominated or selected already.
std::optional<common::Instant> Generation::nomination_due(Component component) const noexcept {
  const auto& first = first_valid_[static_cast<std::size_t>(component) - 1];
  if (!plan_.controlling || selection(component) || !first) return std::nullopt;
  std::uint64_t best_valid = 0;
  std::uint64_t best_pending = 0;
  for (const Pair& pair : list_.pairs()) {
    if (pair.component() != component) continue;
    if (pair.nominate) return std::nullopt;
    const std::uint64_t priority = list_.priority_of(pair, true);
    if (pair.state == PairState::Succeeded) best_valid = std::max(best_valid, priority);
    if (pair.pending()) best_pending = std::max(best_pending, priority);
  }
  if (best_valid == 0) return std::nullopt;
  return best_pending > best_valid ? *first + kNominationDelay : *first;
}

/// Regular nomination, §8.1.1: the check is repeated with USE-CANDIDATE.
void Generation::nominate(Component component, common::Instant now) {
  if (!checks_allowed()) return;
  const auto due = nomination_due(component);
  if (!due || *due > now) return;
  Pair* best = nullptr;
  for (Pair& pair : list_.pairs()) {
    if (pair.component() != component || pair.state != PairState::Succeeded) continue;
    if (best == nullptr || list_.priority_of(pair, true) > list_.priority_of(*best, true)) best = &pair;
  }
  if (best == nullptr) return;
  best->nominate = true;
  list_.trigger(*best);
}

void Generation::ask_consent(Component component, common::Instant now) {
  auto& current = selection(component);
  if (!current) return;
  if (current->consent.expired(now)) {
    lose_consent(component);
  } else if (plan_.remote && current->consent.due(now)) {
    const stun::TransactionId id = new_id();
    send(component, current->remote,
         write_check(id, plan_.local, *plan_.remote, facts_for(component, current->remote, false)));
    current->consent.on_sent(id, *random_, now);
  }
}

}  // namespace relay::ice
