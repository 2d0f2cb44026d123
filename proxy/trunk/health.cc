#include "proxy/trunk/health.h"

#include <algorithm>

#include "common/log/log.h"

namespace proxy::trunk {
namespace {

constexpr common::Duration kForget = std::chrono::hours{1};

/// The places of a trunk are probed one after the other within its interval, not all at once.
common::Instant first_probe(common::Duration interval, std::size_t place, std::size_t places, common::Instant now) {
  return now + interval * static_cast<std::int64_t>(place) / static_cast<std::int64_t>(places);
}

}  // namespace

void Health::watch(const Trunk& trunk, const next_hop::Candidates& places, common::Instant now) {
  for (std::size_t i = 0; i < places.size(); ++i) {
    const Place place{trunk.name, places[i].kind, places[i].remote};
    Entry& entry = entries_.try_emplace(place, Entry{{trunk.health, now}, {}, now, {}}).first->second;
    entry.seen = now;
    entry.wanted = trunk.wanted();
    entry.health.use(trunk.health);
    if (entry.probe_interval == trunk.health.probe_interval) continue;
    entry.probe_interval = trunk.health.probe_interval;
    probes_.cancel(place);
    if (entry.probe_interval > common::Duration::zero())
      probes_.schedule(place, first_probe(entry.probe_interval, i, places.size(), now));
  }
  forget_if([&](const Place&, const Entry& entry) { return now - entry.seen > kForget; });
}

void Health::keep(const TrunkTable& trunks) {
  forget_if([&](const Place& place, const Entry& entry) {
    const Trunk* trunk = trunks.find(place.trunk);
    return trunk == nullptr || trunk->wanted() != entry.wanted;
  });
}

template <class Condition>
void Health::forget_if(Condition condition) {
  std::erase_if(entries_, [&](const auto& one) {
    if (!condition(one.first, one.second)) return false;
    probes_.cancel(one.first);
    return true;
  });
}

bool Health::admits(const Place& place, double draw, common::Instant now) {
  const auto found = entries_.find(place);
  if (found == entries_.end()) return true;
  const bool admitted = found->second.health.admits(draw, now);
  report(place, found->second, now);
  return admitted;
}

PlaceHealth::State Health::state(const Place& place, common::Instant now) {
  const auto found = entries_.find(place);
  return found == entries_.end() ? PlaceHealth::State::Up : found->second.health.state(now);
}

bool Health::wants_rest(const Place& place, common::Instant now) {
  const auto found = entries_.find(place);
  return found != entries_.end() && found->second.health.state(now) == PlaceHealth::State::Down &&
         found->second.health.cause() == PlaceHealth::Cause::RetryAfter;
}

template <class Event>
void Health::tell(const Place& place, common::Instant now, Event event) {
  const auto found = entries_.find(place);
  if (found == entries_.end()) return;
  event(found->second.health);
  report(place, found->second, now);
}

/// Says what has changed since the last time.
void Health::report(const Place& place, Entry& entry, common::Instant now) {
  const auto state = entry.health.state(now);
  if (state == entry.told) return;
  entry.told = state;
  const std::string where = std::string{transport::to_string(place.kind)} + ':' + place.remote.to_string();
  if (state == PlaceHealth::State::Down) {
    common::log::warn("trunk.down",
                      {{"trunk", place.trunk}, {"place", where}, {"cause", to_string(entry.health.cause())}});
  } else {
    common::log::info("trunk.back", {{"trunk", place.trunk}, {"place", where}, {"state", to_string(state)}});
  }
}

void Health::on_success(const Place& place, common::Duration delay, common::Instant now) {
  tell(place, now, [&](PlaceHealth& health) { health.on_success(delay, now); });
}
void Health::on_failure(const Place& place, common::Instant now) {
  tell(place, now, [&](PlaceHealth& health) { health.on_failure(now); });
}
void Health::on_retry_after(const Place& place, common::Duration rest, common::Instant now) {
  tell(place, now, [&](PlaceHealth& health) { health.on_retry_after(rest, now); });
}
void Health::on_probe(const Place& place, bool answered, common::Instant now) {
  tell(place, now, [&](PlaceHealth& health) { health.on_probe(answered, now); });
}

std::vector<Place> Health::take_due_probes(common::Instant now) {
  std::vector<Place> due = probes_.expire(now);
  for (const Place& place : due) probes_.schedule(place, now + entries_.at(place).probe_interval);
  return due;
}

std::vector<Health::View> Health::views(common::Instant now) {
  std::vector<View> views;
  views.reserve(entries_.size());
  for (auto& [place, entry] : entries_) {
    const auto state = entry.health.state(now);
    views.push_back({place, state, entry.health.cause(), entry.health.since(), entry.health.calls(now)});
  }
  return views;
}

}  // namespace proxy::trunk
