#include "relay/ice/generation.h"

#include <algorithm>
#include <utility>

#include "relay/ice/candidate_text.h"

namespace relay::ice {
namespace {

using namespace std::chrono_literals;

constexpr Component kComponents[] = {Component::Rtp, Component::Rtcp};
constexpr auto kPatience = 39500ms;  // RFC 8863 §4

std::size_t index_of(Component component) noexcept { return static_cast<std::size_t>(component) - 1; }

}  // namespace

Generation::Generation(Plan plan, common::crypto::Random& random, common::Instant now)
    : plan_(std::move(plan)), random_(&random), next_pace_(now) {
  const std::vector<Candidate> candidates = std::exchange(plan_.remote_candidates, {});
  add_candidates(candidates);
  if (plan_.remote) begin(now);
}

/// The remote credentials are known from here on.
void Generation::begin(common::Instant now) {
  give_up_at_ = now + kPatience;
  if (plan_.lite != plan_.remote_lite) plan_.controlling = plan_.remote_lite;  // the full agent controls, §6.1.1
  if (plan_.lite && plan_.remote_lite) select_without_checks(now);
  for (const IncomingCheck& check : std::exchange(remembered_, {})) take(check, now);
}

void Generation::update(const Plan& plan, common::Instant now) {
  drop_missing_components(plan);
  plan_.remote_lite = plan.remote_lite;
  add_candidates(plan.remote_candidates);
  if (plan_.remote || !plan.remote) return;
  plan_.remote = plan.remote;
  plan_.controlling = plan.controlling;
  begin(now);
}

void Generation::drop_missing_components(const Plan& plan) {
  plan_.local_candidates = plan.local_candidates;
  for (const Component component : kComponents) {
    if (has_component(component)) continue;
    list_.drop(component);
    release(component);
  }
}

void Generation::add_candidates(const std::vector<Candidate>& candidates) {
  for (const Candidate& candidate : candidates) {
    const Candidate* local = local_for(candidate.component, candidate.address.ip.family());
    if (local == nullptr || candidate.address.port.value == 0 || candidate.address.ip.is_unspecified()) continue;
    list_.add_signalled(candidate, local->priority);
  }
}

const Candidate* Generation::local_for(Component component, common::IpAddress::Family family) const noexcept {
  const auto found = std::ranges::find_if(plan_.local_candidates, [&](const Candidate& candidate) {
    return candidate.component == component && candidate.address.ip.family() == family;
  });
  return found == plan_.local_candidates.end() ? nullptr : &*found;
}

std::uint32_t Generation::local_priority(Component component, const common::SocketAddress& remote) const noexcept {
  const Candidate* local = local_for(component, remote.ip.family());
  return local != nullptr ? local->priority : candidate_priority(CandidateType::Host, 65535, component);
}

bool Generation::has_component(Component component) const noexcept {
  return std::ranges::any_of(plan_.local_candidates, [&](const Candidate& c) { return c.component == component; });
}

/// A peer may have one component where we offer two (rtcp-mux): a second one without any pair is not waited for.
bool Generation::needs(Component component) const noexcept {
  if (!has_component(component)) return false;
  return component == Component::Rtp ||
         std::ranges::any_of(list_.pairs(), [&](const Pair& pair) { return pair.component() == component; });
}

/// Two lite agents: each takes the best candidate of the other, RFC 8445 §8.2.
void Generation::select_without_checks(common::Instant now) {
  for (const Component component : kComponents) {
    Pair* best = nullptr;
    for (Pair& pair : list_.pairs()) {
      if (pair.component() != component) continue;
      if (best == nullptr || pair.remote.priority > best->remote.priority) best = &pair;
    }
    if (best != nullptr) select(*best, now);
  }
}

bool Generation::is_validated(Component component, const common::SocketAddress& remote) const noexcept {
  return std::ranges::any_of(
      validated_, [&](const Validated& known) { return known.component == component && known.remote == remote; });
}

std::optional<common::SocketAddress> Generation::selected(Component component) const noexcept {
  if (!selection(component)) return std::nullopt;
  return selection(component)->remote;
}

IceAgent::State Generation::state() const noexcept {
  if (failed_) return IceAgent::State::Failed;
  const bool connected = std::ranges::all_of(
      kComponents, [&](Component component) { return !needs(component) || selection(component).has_value(); });
  if (connected && has_selected()) return IceAgent::State::Connected;
  return was_connected_ ? IceAgent::State::Disconnected : IceAgent::State::Checking;
}

void Generation::retire() noexcept {
  retired_ = true;
  give_up_at_.reset();
  for (Pair& pair : list_.pairs()) pair.check.reset();
}

std::optional<AgentOutput> Generation::poll_output() {
  if (outputs_.empty()) return std::nullopt;
  AgentOutput output = std::move(outputs_.front());
  outputs_.pop_front();
  return output;
}

void Generation::send(Component component, const common::SocketAddress& remote, common::Bytes bytes) {
  outputs_.emplace_back(Send{component, remote, std::move(bytes)});
}

void Generation::select(Pair& pair, common::Instant now) {
  auto& current = selection(pair.component());
  if (current && current->remote == pair.remote.address) {
    current->nominated_at = now;
    return;
  }
  // An aggressive peer nominates everything it checks within its first moments: the best of it counts. Later, a
  // nomination is a decision, for a worse pair too.
  const auto rank = [&](const Pair& of) { return list_.priority_of(of, plan_.controlling); };
  const Pair* previous = current ? list_.find(pair.component(), current->remote) : nullptr;
  if (previous != nullptr && rank(pair) < rank(*previous) && now - current->nominated_at < 1s) return;
  const bool asks = full();
  current = Selection{pair.remote.address, asks ? Consent::asking(*random_, now) : Consent::watching(now), now};
  list_.settle(pair);
  failed_ = false;
  outputs_.emplace_back(Selected{pair.component(), pair.remote.address});
  if (state() == IceAgent::State::Connected) {
    was_connected_ = true;
    give_up_at_.reset();
  }
}

/// The lost pair is not tried again by us (only a restart or the peer may revive it); the others start anew.
void Generation::lose_consent(Component component) {
  for (Pair& pair : list_.pairs()) {
    if (pair.component() != component) continue;
    pair.nominate = false;
    if (pair.remote.address == selection(component)->remote) {
      pair.state = PairState::Failed;
    } else if (pair.state == PairState::Succeeded) {
      pair.state = PairState::Waiting;
    }
  }
  first_valid_[index_of(component)].reset();
  selection(component).reset();
  outputs_.emplace_back(ConsentLost{component});
}

void Generation::give_up(common::Instant now) {
  if (!give_up_at_ || *give_up_at_ > now) return;
  give_up_at_.reset();
  failed_ = true;
  outputs_.emplace_back(Failed{});
}

}  // namespace relay::ice
