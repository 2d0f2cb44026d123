#include "relay/control/call.h"

#include <algorithm>

namespace relay::control {
namespace {

using negotiation::ExchangeError;
using negotiation::Pair;

constexpr std::size_t kMaxForks = 32;

bool has_tags(const Fork& fork, std::string_view a, std::string_view b) {
  return (fork.caller_tag == a && fork.callee_tag == b) || (fork.caller_tag == b && fork.callee_tag == a);
}

bool repeats(const std::optional<Fork::Done>& done, const ng::Request& request) {
  return done && done->sdp == request.sdp && done->flags == request.flags;
}

template <class Predicate>
Fork* find_in(std::vector<Fork>& forks, Predicate predicate) {
  const auto found = std::ranges::find_if(forks, predicate);
  return found == forks.end() ? nullptr : &*found;
}

/// What the answer refused stays closed, also for a second answer to the same offer: its sockets have gone.
void close_refused(negotiation::Side& offered, const negotiation::Side& established) {
  for (std::size_t i = 0; i < std::min(offered.media.size(), established.media.size()); ++i) {
    if (!established.media[i].enabled()) offered.media[i].ports.reset();
  }
}

}  // namespace

/// The fork an offer belongs to: its dialog, or the branch that has been offered before.
Fork* Call::find_offered(const ng::Request& request) noexcept {
  if (!request.to_tag.empty()) {
    Fork* dialog = find_in(forks_, [&](const Fork& f) { return has_tags(f, request.from_tag, request.to_tag); });
    if (dialog != nullptr) return dialog;
  }
  return find_in(forks_, [&](const Fork& fork) {
    return fork.caller_tag == request.from_tag && fork.via_branch == request.via_branch &&
           (request.to_tag.empty() || fork.callee_tag.empty());
  });
}

/// The fork an answer belongs to: its dialog, the open one of its branch, another dialog of its branch (forked further
/// downstream), and for who names no branch, or another one than in the offer, the latest offer of that caller.
Fork* Call::find_answered(const ng::Request& request) noexcept {
  const auto of_caller = [&](const Fork& fork) { return fork.caller_tag == request.from_tag && fork.offered; };
  const auto of_branch = [&](const Fork& f) { return of_caller(f) && f.via_branch == request.via_branch; };
  Fork* found = find_in(forks_, [&](const Fork& f) { return has_tags(f, request.from_tag, request.to_tag); });
  if (found == nullptr) found = find_in(forks_, [&](const Fork& f) { return of_branch(f) && f.callee_tag.empty(); });
  if (found == nullptr) found = find_in(forks_, of_branch);
  if (found == nullptr) found = find_in(forks_, [&](const Fork& f) { return of_caller(f) && f.pending(); });
  return found != nullptr ? found : find_in(forks_, of_caller);
}

/// A new branch shares the caller's ports and keys with the branches before it.
Fork Call::open_fork(const ng::Request& request) const {
  Fork fork;
  fork.caller_tag = request.from_tag;
  fork.callee_tag = request.to_tag;
  fork.via_branch = request.via_branch;
  fork.offered.emplace();
  const auto same_caller = std::ranges::find(forks_, request.from_tag, &Fork::caller_tag);
  if (same_caller != forks_.end()) fork.offered->offerer = same_caller->latest().offerer;
  fork.offered->offerer.tag = request.from_tag;
  fork.offered->answerer.tag = request.to_tag;
  return fork;
}

/// The proxy knows more with every response: a repeat whose SDP changes nothing may still bring a newer blob.
void Call::keep_teardown(const ng::Request& request) {
  if (request.teardown_blob.empty()) return;
  teardown_blob = request.teardown_blob;
  teardown_to = request.teardown_to;
}

negotiation::Exchanged Call::offer(const ng::Request& request, negotiation::Environment& environment) {
  keep_teardown(request);
  Fork* const known = find_offered(request);
  if (known == nullptr && forks_.size() >= kMaxForks) {
    return common::Err{ExchangeError{"Too many branches in this call"}};
  }
  const bool by_callee = known != nullptr && request.from_tag != known->caller_tag;
  if (known != nullptr && by_callee == known->offered_by_callee && repeats(known->last_offer, request)) {
    return known->last_offer->reply;
  }
  auto description = sdp::parse(request.sdp);
  if (!description) return common::Err{ExchangeError{description.error().to_string()}};
  Fork fork = known != nullptr ? *known : open_fork(request);
  Pair next = fork.latest();
  auto result = negotiation::relay_offer(*description, request, by_callee ? next.answerer : next.offerer,
                                         by_callee ? next.offerer : next.answerer, environment);
  if (!result) return result;
  fork.offered = std::move(next);
  fork.offered_by_callee = by_callee;
  fork.answered = false;
  fork.offer_branch = request.via_branch;
  fork.last_offer = Fork::Done{request.sdp, request.flags, *result};
  fork.last_answer.reset();
  if (known != nullptr) {
    *known = std::move(fork);
  } else {
    forks_.push_back(std::move(fork));
  }
  return result;
}

negotiation::Exchanged Call::answer(const ng::Request& request, negotiation::Environment& environment) {
  keep_teardown(request);
  Fork* known = find_answered(request);
  if (known == nullptr || !known->offered) return common::Err{ExchangeError{"Unknown tags: no offer to answer"}};
  const bool same_dialog = known->callee_tag.empty() || has_tags(*known, request.from_tag, request.to_tag);
  if (same_dialog && repeats(known->last_answer, request)) {
    current_ = static_cast<std::size_t>(known - forks_.data());
    return known->last_answer->reply;
  }
  if (!same_dialog && forks_.size() >= kMaxForks) {
    return common::Err{ExchangeError{"Too many branches in this call"}};
  }
  auto description = sdp::parse(request.sdp);
  if (!description) return common::Err{ExchangeError{description.error().to_string()}};
  Fork fork = *known;
  Pair next = *fork.offered;
  const bool by_callee = fork.offered_by_callee;
  auto result = negotiation::relay_answer(*description, request, by_callee ? next.offerer : next.answerer,
                                          by_callee ? next.answerer : next.offerer, environment);
  if (!result) return result;
  if (fork.callee_tag.empty() || !same_dialog) fork.callee_tag = request.to_tag;
  next.answerer.tag = fork.callee_tag;
  close_refused(fork.offered->offerer, next.offerer);
  close_refused(fork.offered->answerer, next.answerer);
  fork.established = std::move(next);
  fork.answered = true;
  fork.last_answer = Fork::Done{request.sdp, request.flags, *result};
  if (same_dialog) {
    *known = std::move(fork);
    current_ = static_cast<std::size_t>(known - forks_.data());
  } else {
    current_ = forks_.size();
    forks_.push_back(std::move(fork));
  }
  return result;
}

Call::Removed Call::remove(const ng::Request& request) {
  if (request.from_tag.empty() && request.via_branch.empty()) {
    forks_.clear();
    return Removed::All;
  }
  const std::string& branch = request.via_branch;
  const auto of_branch = [&](const Fork& fork) { return fork.via_branch == branch; };
  const bool branch_known = !branch.empty() && std::ranges::any_of(forks_, of_branch);
  if (!branch.empty() && !branch_known) {
    // An offer inside a dialog has failed: the dialog goes on as it was.
    Fork* reoffered =
        find_in(forks_, [&](const Fork& f) { return f.established && f.pending() && f.offer_branch == branch; });
    if (reoffered != nullptr) {
      reoffered->offered = reoffered->established;
      reoffered->answered = true;
      reoffered->last_offer.reset();
      return Removed::Part;
    }
  }
  const bool branches_used = std::ranges::any_of(forks_, [](const Fork& f) { return !f.via_branch.empty(); });
  const auto named = [&](const Fork& fork) {
    if (!request.to_tag.empty() && has_tags(fork, request.from_tag, request.to_tag)) return true;
    const bool open_or_unsaid = request.to_tag.empty() || fork.callee_tag.empty();
    if (!open_or_unsaid) return false;
    if (branch_known) return of_branch(fork);
    if (!branch.empty() && branches_used) return false;  // a branch that was never offered
    return fork.caller_tag == request.from_tag || (!fork.callee_tag.empty() && fork.callee_tag == request.from_tag);
  };
  const Fork* talking = current_ < forks_.size() ? &forks_[current_] : nullptr;
  const std::string callee = talking != nullptr ? talking->callee_tag : std::string{};
  const std::size_t gone = std::erase_if(forks_, named);
  const auto still =
      std::ranges::find_if(forks_, [&](const Fork& f) { return f.established && f.callee_tag == callee; });
  current_ = still == forks_.end() ? 0 : static_cast<std::size_t>(still - forks_.begin());
  if (forks_.empty()) return Removed::All;
  return gone == 0 ? Removed::Nothing : Removed::Part;
}

/// The fork whose callee the caller talks to, or any one while nobody has answered.
const Fork* Call::leading() const noexcept {
  if (current_ < forks_.size() && forks_[current_].established) return &forks_[current_];
  const auto any = std::ranges::find_if(forks_, [](const Fork& fork) { return fork.established.has_value(); });
  if (any != forks_.end()) return &*any;
  return forks_.empty() ? nullptr : &forks_.front();
}

session::SessionPlan Call::plan(const negotiation::Environment& environment, common::Duration media_timeout) const {
  session::SessionPlan plan;
  plan.call_id = id_;
  plan.cname = cname_;
  plan.media_timeout = media_timeout;
  const auto add_legs = [&](const negotiation::Side& side) {
    for (session::LegPlan& leg : negotiation::plan_legs(side, environment)) {
      if (std::ranges::find(plan.legs, leg.id, &session::LegPlan::id) == plan.legs.end()) {
        plan.legs.push_back(std::move(leg));
      }
    }
  };
  const auto add_paths = [&](const negotiation::Side& from, const negotiation::Side& to) {
    for (session::PathPlan& path : negotiation::plan_paths(from, to)) {
      if (std::ranges::find(plan.paths, path.from, &session::PathPlan::from) == plan.paths.end()) {
        plan.paths.push_back(std::move(path));
      }
    }
  };
  const auto add_fork = [&](const Fork& fork) {
    add_legs(fork.latest().offerer);
    add_legs(fork.latest().answerer);
    if (fork.established) add_paths(fork.established->answerer, fork.established->offerer);
  };
  const Fork* const lead = leading();
  if (lead == nullptr) return plan;
  if (lead->established) add_paths(lead->established->offerer, lead->established->answerer);
  add_fork(*lead);
  for (const Fork& fork : forks_) add_fork(fork);
  return plan;
}

}  // namespace relay::control
