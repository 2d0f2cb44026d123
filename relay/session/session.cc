#include "relay/session/session.h"

#include <algorithm>
#include <utility>

namespace relay::session {

Session::~Session() {
  for (const auto& leg : legs_) close_leg(*leg);
}

Leg* Session::find(LegId id) noexcept {
  const auto found = std::ranges::find(legs_, id, [](const auto& leg) { return leg->id(); });
  return found == legs_.end() ? nullptr : found->get();
}

void Session::apply(SessionPlan plan, common::Instant now) {
  cname_ = std::move(plan.cname);
  media_timeout_ = plan.media_timeout;
  held_timeout_ = plan.held_timeout;
  unanswered_timeout_ = plan.unanswered_timeout;
  consent_timeout_ = plan.consent_timeout;
  signalled_ = now;
  apply_legs(std::move(plan.legs), now);
  apply_paths(std::move(plan.paths), now);
  connect(now);
}

void Session::apply_legs(std::vector<LegPlan> plans, common::Instant now) {
  const auto wanted = [&](const std::unique_ptr<Leg>& leg) {
    return std::ranges::find(plans, leg->id(), &LegPlan::id) != plans.end();
  };
  for (const auto& leg : legs_) {  // while every path is there, whose figures a goodbye tells
    if (!wanted(leg)) leg->say_goodbye(now);
  }
  for (const auto& leg : legs_) {
    if (wanted(leg)) continue;
    std::erase_if(paths_, [&](const Path& path) { return path.from == leg.get() || path.to == leg.get(); });
    close_leg(*leg);
  }
  std::erase_if(legs_, [&](const auto& leg) { return !wanted(leg); });
  for (LegPlan& plan : plans) {
    if (Leg* leg = find(plan.id)) {
      leg->configure(std::move(plan), now);
    } else {
      open_leg(std::move(plan), now);
    }
  }
}

void Session::open_leg(LegPlan plan, common::Instant now) {
  LegPorts ports;
  ports.rtp = ports_.open_port(std::move(plan.rtp.fd));
  if (plan.rtcp) ports.rtcp = ports_.open_port(std::move(plan.rtcp->fd));
  Leg& leg = *legs_.emplace_back(
      std::make_unique<Leg>(std::move(plan), ports, sink_, counters_.drops, random_, clock_, cname_, now));
  ports_.own_port(ports.rtp, leg, PortRole::Rtp);
  if (ports.rtcp) ports_.own_port(*ports.rtcp, leg, PortRole::Rtcp);
}

void Session::close_leg(Leg& leg) noexcept {
  ports_.close_port(leg.ports().rtp);
  if (leg.ports().rtcp) ports_.close_port(*leg.ports().rtcp);
}

void Session::apply_paths(std::vector<PathPlan> plans, common::Instant) {
  std::vector<Path> next;
  for (PathPlan& plan : plans) {
    Leg* from = find(plan.from);
    Leg* to = find(plan.to);
    if (from == nullptr || to == nullptr) continue;
    const auto same = std::ranges::find_if(paths_, [&](const Path& path) { return path.media->plan() == plan; });
    if (same != paths_.end()) {
      next.push_back(std::move(*same));
      paths_.erase(same);
    } else {
      next.push_back({std::make_unique<media::MediaPath>(std::move(plan), *to, counters_.transcoding), from, to});
    }
  }
  paths_ = std::move(next);
  if (complexity_) set_complexity(*complexity_);
}

void Session::set_complexity(int complexity) noexcept {
  complexity_ = complexity;
  for (const Path& path : paths_) path.media->set_complexity(complexity);
}

void Session::connect(common::Instant now) noexcept {
  for (const auto& leg : legs_) {
    const auto out = std::ranges::find(paths_, leg.get(), &Path::from);
    leg->set_path(out == paths_.end() ? nullptr : out->media.get(), out == paths_.end() ? nullptr : out->to);
    const auto in = std::ranges::find_if(
        paths_, [&](const Path& path) { return path.to == leg.get() && path.media->originates(); });
    leg->originate(in == paths_.end() ? nullptr : in->media.get(), now);
  }
}

void Session::end(common::Instant now) {
  for (const auto& leg : legs_) leg->say_goodbye(now);
}

void Session::on_timeout(common::Instant now) {
  for (const auto& leg : legs_) leg->on_timeout(now);
  for (const Path& path : paths_) path.media->on_timeout(now);
  check_liveness(now);
}

/// Both ways of its medium are answered for.
bool Session::is_talking(const Leg& leg) const noexcept {
  return std::ranges::find(paths_, &leg, &Path::from) != paths_.end() &&
         std::ranges::find(paths_, &leg, &Path::to) != paths_.end();
}

/// When the session counts as dead if nothing is heard until then.
std::optional<common::Instant> Session::silence_deadline() const noexcept {
  if (over_ || legs_.empty() || media_timeout_ <= common::Duration::zero()) return std::nullopt;
  if (paths_.empty()) return signalled_ + unanswered_timeout_;
  common::Instant last = signalled_;
  bool expected = false;
  for (const auto& leg : legs_) {
    last = std::max(last, leg->last_heard().value_or(last));
    expected = expected || (leg->expects_media() && is_talking(*leg));
  }
  return last + (expected ? media_timeout_ : std::max(held_timeout_, media_timeout_));
}

/// A peer that has withdrawn its consent, or never gave it, ends the call once its media is as old as that.
std::optional<common::Instant> Session::consent_deadline(const Leg& leg) const noexcept {
  const auto since = leg.unreachable_since();
  if (over_ || !since || !is_talking(leg)) return std::nullopt;
  const common::Instant heard = std::max(signalled_, leg.last_heard().value_or(signalled_));
  return std::max(*since, heard + consent_timeout_);
}

void Session::check_liveness(common::Instant now) noexcept {
  const auto due = [&](std::optional<common::Instant> at) { return at && *at <= now; };
  for (const auto& leg : legs_) {
    if (!due(consent_deadline(*leg))) continue;
    failure_ = {EndCause::ConsentLost, leg->id()};
    over_ = true;
  }
  if (!due(silence_deadline())) return;
  failure_ = {EndCause::MediaTimeout, legs_.front()->id()};
  over_ = true;
}

std::optional<std::pair<EndCause, LegId>> Session::poll_failure() noexcept {
  for (const auto& leg : legs_) {
    if (leg->take_handshake_failure()) return std::pair{EndCause::DtlsFailed, leg->id()};
  }
  return std::exchange(failure_, std::nullopt);
}

std::optional<common::Instant> Session::next_timeout() const noexcept {
  std::optional<common::Instant> earliest = silence_deadline();
  const auto consider = [&](std::optional<common::Instant> at) {
    if (at && (!earliest || *at < *earliest)) earliest = at;
  };
  for (const auto& leg : legs_) {
    consider(leg->next_timeout());
    consider(consent_deadline(*leg));
  }
  for (const Path& path : paths_) consider(path.media->next_timeout());
  return earliest;
}

SessionReport Session::report(common::Instant now) const {
  SessionReport report;
  report.id = id_;
  for (const auto& leg : legs_) report.legs.push_back(leg->report(now));
  return report;
}

}  // namespace relay::session
