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
  apply_legs(std::move(plan.legs), now);
  apply_paths(std::move(plan.paths), now);
  connect(now);
}

void Session::apply_legs(std::vector<LegPlan> plans, common::Instant now) {
  const auto wanted = [&](const std::unique_ptr<Leg>& leg) {
    return std::ranges::find(plans, leg->id(), &LegPlan::id) != plans.end();
  };
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
  Leg& leg = *legs_.emplace_back(std::make_unique<Leg>(std::move(plan), ports, sink_, clock_, cname_, now));
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
      next.push_back({std::make_unique<media::MediaPath>(std::move(plan), *to), from, to});
    }
  }
  paths_ = std::move(next);
}

void Session::connect(common::Instant now) noexcept {
  for (const auto& leg : legs_) {
    const auto out = std::ranges::find(paths_, leg.get(), &Path::from);
    leg->set_path(out == paths_.end() ? nullptr : out->media.get(), out == paths_.end() ? nullptr : out->to);
    const auto in = std::ranges::find_if(
        paths_, [&](const Path& path) { return path.to == leg.get() && path.media->originates(); });
    leg->originate(in == paths_.end() ? nullptr : &in->media->egress(), now);
  }
}

void Session::end(common::Instant now) noexcept {
  for (const auto& leg : legs_) leg->say_goodbye(now);
}

void Session::on_timeout(common::Instant now) {
  for (const auto& leg : legs_) leg->on_timeout(now);
  for (const Path& path : paths_) path.media->on_timeout(now);
  check_media(now);
}

void Session::check_media(common::Instant now) noexcept {
  if (timed_out_ || media_timeout_ <= common::Duration::zero() || legs_.empty()) return;
  common::Instant last = started_;
  for (const auto& leg : legs_) last = std::max(last, leg->last_media().value_or(started_));
  if (now - last < media_timeout_) return;
  timed_out_ = true;
  failure_ = {EndCause::MediaTimeout, legs_.front()->id()};
}

std::optional<common::Instant> Session::next_timeout() const noexcept {
  std::optional<common::Instant> earliest;
  const auto consider = [&](std::optional<common::Instant> at) {
    if (at && (!earliest || *at < *earliest)) earliest = at;
  };
  for (const auto& leg : legs_) consider(leg->next_timeout());
  for (const Path& path : paths_) consider(path.media->next_timeout());
  if (!timed_out_ && media_timeout_ > common::Duration::zero() && !legs_.empty()) {
    common::Instant last = started_;
    for (const auto& leg : legs_) last = std::max(last, leg->last_media().value_or(started_));
    consider(last + media_timeout_);
  }
  return earliest;
}

SessionReport Session::report(common::Instant now) const {
  SessionReport report;
  report.id = id_;
  for (const auto& leg : legs_) report.legs.push_back(leg->report(now));
  return report;
}

}  // namespace relay::session
