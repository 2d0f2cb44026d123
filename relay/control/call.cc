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

}  // namespace

Fork* Call::find(const ng::Request& request) noexcept {
  if (!request.to_tag.empty()) {
    const auto by_tags = std::ranges::find_if(
        forks_, [&](const Fork& fork) { return has_tags(fork, request.from_tag, request.to_tag); });
    if (by_tags != forks_.end()) return &*by_tags;
  }
  const auto by_branch = std::ranges::find_if(forks_, [&](const Fork& fork) {
    return fork.caller_tag == request.from_tag && fork.callee_tag.empty() && fork.via_branch == request.via_branch;
  });
  if (by_branch != forks_.end()) return &*by_branch;
  // An answer or a new offer that names no branch, or another one than the offer did: the only open fork is meant.
  const auto only = std::ranges::find_if(forks_, [&](const Fork& fork) {
    return fork.caller_tag == request.from_tag && (request.via_branch.empty() || fork.via_branch.empty());
  });
  return only == forks_.end() ? nullptr : &*only;
}

const negotiation::Side* Call::caller_side(const std::string& tag) const noexcept {
  for (const Fork& fork : forks_) {
    if (fork.caller_tag != tag) continue;
    if (fork.established) return &fork.established->offerer;
    if (fork.pending) return &fork.pending->offerer;
  }
  return nullptr;
}

/// A new branch shares the caller's ports and keys with the branches before it.
Fork& Call::open_fork(const ng::Request& request) {
  Fork fork;
  fork.caller_tag = request.from_tag;
  fork.via_branch = request.via_branch;
  fork.pending.emplace();
  if (const auto* caller = caller_side(request.from_tag)) fork.pending->offerer = *caller;
  fork.pending->offerer.tag = request.from_tag;
  return forks_.emplace_back(std::move(fork));
}

negotiation::Exchanged Call::offer(const ng::Request& request, negotiation::Environment& environment) {
  auto description = sdp::parse(request.sdp);
  if (!description) return common::Err{ExchangeError{description.error().to_string()}};
  Fork* fork = find(request);
  if (fork == nullptr) {
    if (forks_.size() >= kMaxForks) return common::Err{ExchangeError{"Too many branches in this call"}};
    fork = &open_fork(request);
  }
  const bool from_callee = request.from_tag != fork->caller_tag;
  Pair next = fork->pending && fork->pending_from_callee == from_callee ? *fork->pending
              : fork->established                                       ? *fork->established
                                                                        : fork->pending.value_or(Pair{});
  auto result = negotiation::relay_offer(*description, request, from_callee ? next.answerer : next.offerer,
                                         from_callee ? next.offerer : next.answerer, environment);
  if (!result) return result;
  fork->pending = std::move(next);
  fork->pending_from_callee = from_callee;
  return result;
}

negotiation::Exchanged Call::answer(const ng::Request& request, negotiation::Environment& environment) {
  Fork* fork = find(request);
  if (fork == nullptr) return common::Err{ExchangeError{"Unknown tags: no offer to answer"}};
  if (!fork->pending) {
    if (fork->last_answer_sdp == request.sdp) return fork->last_answer_reply;
    // A later provisional or final answer to the same offer, RFC 3264 allows no other in between.
    fork->pending = fork->established;
    fork->pending_from_callee = false;
  }
  auto description = sdp::parse(request.sdp);
  if (!description) return common::Err{ExchangeError{description.error().to_string()}};
  Pair next = *fork->pending;
  const bool offered_by_callee = fork->pending_from_callee;
  auto result = negotiation::relay_answer(*description, request, offered_by_callee ? next.offerer : next.answerer,
                                          offered_by_callee ? next.answerer : next.offerer, environment);
  if (!result) return result;
  if (fork->callee_tag.empty())
    fork->callee_tag = request.from_tag == fork->caller_tag ? request.to_tag : request.from_tag;
  next.answerer.tag = fork->callee_tag;
  fork->established = std::move(next);
  fork->pending.reset();
  fork->last_answer_sdp = request.sdp;
  fork->last_answer_reply = *result;
  current_ = static_cast<std::size_t>(fork - forks_.data());
  if (!request.teardown_blob.empty()) {
    teardown_blob = request.teardown_blob;
    teardown_to = request.teardown_to;
  }
  return result;
}

bool Call::remove(const ng::Request& request) {
  if (request.from_tag.empty() && request.via_branch.empty()) return true;
  const auto named = [&](const Fork& fork) {
    if (!request.via_branch.empty() && fork.via_branch != request.via_branch) return false;
    if (!request.to_tag.empty()) return has_tags(fork, request.from_tag, request.to_tag);
    return request.from_tag.empty() || fork.caller_tag == request.from_tag || fork.callee_tag == request.from_tag;
  };
  std::erase_if(forks_, named);
  current_ = forks_.empty() ? 0 : std::min(current_, forks_.size() - 1);
  return forks_.empty();
}

session::SessionPlan Call::plan(const negotiation::Environment& environment, common::Duration media_timeout) const {
  session::SessionPlan plan;
  plan.call_id = id_;
  plan.cname = cname_;
  plan.media_timeout = media_timeout;
  const auto add_legs = [&](const negotiation::Side& side) {
    for (session::LegPlan& leg : negotiation::plan_legs(side, environment)) {
      const auto known = std::ranges::find(plan.legs, leg.id, &session::LegPlan::id);
      if (known == plan.legs.end()) plan.legs.push_back(std::move(leg));
    }
  };
  const auto add_paths = [&](std::vector<session::PathPlan> paths) {
    for (session::PathPlan& path : paths) plan.paths.push_back(std::move(path));
  };
  if (current_ < forks_.size() && forks_[current_].established) {
    const Pair& talking = *forks_[current_].established;
    add_legs(talking.offerer);
    add_paths(negotiation::plan_paths(talking.offerer, talking.answerer));
  }
  for (const Fork& fork : forks_) {
    if (!fork.established && !fork.pending) continue;
    const Pair& pair = fork.established ? *fork.established : *fork.pending;
    add_legs(pair.answerer);
    if (fork.established) add_paths(negotiation::plan_paths(pair.answerer, pair.offerer));
  }
  return plan;
}

}  // namespace relay::control
