#include <algorithm>

#include "proxy/core/forwarding.h"

/// What Forwarding does when time passes: a target that is late, one that rings too long, a caller who has waited
/// enough.
namespace proxy::core {

void Forwarding::on_timeout(common::Instant now) {
  for (Index index = group_begin_; index < branches_.size(); ++index) {
    if (branches_[index].state == Branch::State::Running) on_branch_timeout(index, now);
  }
  if (transaction::is_due(setup_deadline_, now)) end_setup();
  if (transaction::is_due(group_deadline_, now)) pass_over_group();
  settle();
  owner_.touched(context_->server);
}

transaction::Timer Forwarding::next_timeout() const {
  transaction::Timer next = final_sent_ ? std::nullopt : transaction::earliest(setup_deadline_, group_deadline_);
  for (Index index = group_begin_; index < branches_.size(); ++index) {
    const Branch& branch = branches_[index];
    next = transaction::earliest(next, transaction::earliest(branch.provisional_deadline, branch.ring_deadline));
  }
  return next;
}

void Forwarding::on_branch_timeout(Index index, common::Instant now) {
  Branch& branch = branches_[index];
  if (transaction::is_due(branch.provisional_deadline, now)) {
    branch.provisional_deadline.reset();
    branch.is_late = true;
    pass_over_late();
  } else if (transaction::is_due(branch.ring_deadline, now) && !branch.rang) {
    give_up_on(index);
  } else if (transaction::is_due(branch.ring_deadline, now)) {
    branch.ring_deadline.reset();
    branch.timed_out = true;
    services_.table.cancel(branch.client, now);
  }
}

/// Who is late is left for the next target, and waited for while there is none.
void Forwarding::pass_over_late() {
  if (next_group_ >= context_->targets.size() || setup_is_over_ || cancelled_) return;
  for (Index index = group_begin_; index < branches_.size(); ++index) {
    const Branch& branch = branches_[index];
    if (branch.state == Branch::State::Running && branch.is_late && !branch.alive) give_up_on(index);
  }
}

/// The user has not answered at these devices. One that is picked up while its CANCEL is on the way still counts.
void Forwarding::pass_over_group() {
  group_deadline_.reset();
  if (final_sent_ || cancelled_) return;
  for (Index index = group_begin_; index < branches_.size(); ++index) {
    Branch& branch = branches_[index];
    if (branch.state != Branch::State::Running && branch.state != Branch::State::Offering) continue;
    if (!branch.alive) {
      give_up_on(index);
      continue;
    }
    branch.provisional_deadline.reset();
    branch.ring_deadline.reset();
    services_.table.cancel(branch.client, now());
  }
  start_group();
}

/// Its target has not shown itself in time; the next one may.
void Forwarding::give_up_on(Index index) {
  Branch& branch = branches_[index];
  if (is_first_invite()) branch.outcome.on_silence(branch.target, services_);
  branch.was_silent = true;
  branch.final_response = local_response(408, "Request Timeout");
  branch.is_local = true;
  abandon(index, {});
}

/// The caller has waited long enough: nobody else is tried, and who has not shown itself is given up.
void Forwarding::end_setup() {
  setup_deadline_.reset();
  const bool is_with_trunk =
      std::ranges::any_of(branches_, [](const Branch& branch) { return branch.target.trunk.has_value(); });
  if (!is_with_trunk) return;
  setup_is_over_ = true;
  for (Index index = group_begin_; index < branches_.size(); ++index) {
    if (branches_[index].state == Branch::State::Running && !branches_[index].alive) give_up_on(index);
  }
}

}  // namespace proxy::core
