#include <algorithm>

#include "common/log/log.h"
#include "proxy/core/forwarding.h"
#include "proxy/core/redirect.h"

/// What Forwarding does about a 3xx where it is to be followed: the contacts take the place of who has named them.
namespace proxy::core {

bool Forwarding::follow_redirect(Index index, const sip::Message& response) {
  const Branch& branch = branches_[index];
  const bool is_allowed =
      branch.target.trunk ? branch.target.trunk->follow_redirects : services_.administration.follow_redirects;
  const bool is_redirect = response.status() >= 300 && response.status() < 400 && !branch.timed_out;
  if (!is_allowed || !is_redirect || cancelled_ || final_sent_ || context_->is_in_dialog()) return false;
  if (branch.target.redirects >= kMaxRedirects) return false;
  ++lookups_;
  find_redirected(context_, contacts_of(response), services_, [weak = weak_from_this(), index](auto groups) {
    if (const auto self = weak.lock()) self->on_redirected(index, std::move(groups));
  });
  return true;
}

void Forwarding::on_redirected(Index index, std::vector<std::vector<Target>> groups) {
  --lookups_;
  Branch& redirected = branches_[index];
  for (auto& group : groups) {
    std::erase_if(group, [this](const Target& target) {
      return std::ranges::any_of(branches_, [&](const Branch& tried) {
        return tried.target.request_uri == target.request_uri && tried.target.peer == target.peer;
      });
    });
    for (Target& target : group) target.redirects = redirected.target.redirects + 1;
  }
  std::erase_if(groups, [this](const auto& group) { return group.empty() || group.size() > context_->breadth; });
  if (!groups.empty() && !final_sent_ && !cancelled_) {
    common::log::info("call.redirected", {{"call_id", context_->request.call_id()},
                                          {"status", redirected.final_response->status()},
                                          {"groups", groups.size()}});
    redirected.is_replaced = true;
    context_->targets.insert(context_->targets.begin() + static_cast<std::ptrdiff_t>(next_group_),
                             std::make_move_iterator(groups.begin()), std::make_move_iterator(groups.end()));
    if (is_invite() && !group_deadline_ && !redirected.target.trunk) {
      group_deadline_ = now() + services_.settings.next_device;  // whoever rings beside it
    }
  }
  settle();
  owner_.touched(context_->server);
}

}  // namespace proxy::core
