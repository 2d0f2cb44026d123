#include <algorithm>

#include "relay/codec/codec.h"
#include "relay/negotiation/exchange.h"

namespace relay::negotiation {
namespace {

session::Security security_of(const LocalMedia& local, const Environment& environment) {
  if (ng::is_dtls(local.protocol)) {
    return session::DtlsSecurity{local.dtls_role, local.remote.fingerprint, environment.certificate};
  }
  if (local.cryptos.empty()) return session::PlainSecurity{};
  return session::SdesSecurity{local.cryptos.front().key, local.receive_key};
}

session::IcePlan ice_of(const LocalMedia& local, const Environment& environment) {
  session::IcePlan plan;
  plan.lite = environment.ice_lite;
  plan.controlling = local.ice_controlling && !environment.ice_lite;
  plan.remote_lite = local.remote.ice_lite;
  plan.tie_breaker = local.ice_tie_breaker;
  plan.local = local.ice_local;
  plan.remote = local.remote.ice;
  plan.local_candidates = local_candidates(local);
  plan.remote_candidates = local.remote.candidates;
  return plan;
}

/// `codec` as the party of `local` sends and receives it. A packet time that was asked for by flag stands above the one
/// that the party wants, not above the longest it takes.
codec::Format format_on(const LocalMedia& local, const Codec& codec) {
  codec::Format format = codec.format();
  format.ptime = local.ptime != 0 ? local.ptime : local.remote.ptime;
  format.max_ptime = local.remote.max_ptime;
  return format;
}

session::LegPlan plan_leg(const LocalMedia& local, const Environment& environment) {
  session::LegPlan leg;
  leg.id = local.leg;
  leg.label = local.label;
  leg.rtp = {local.ports->bound_rtp(), local.ports->advertised_rtp(), local.ports->take_rtp_socket()};
  leg.rtcp =
      session::LocalPort{local.ports->bound_rtcp(), local.ports->advertised_rtcp(), local.ports->take_rtcp_socket()};
  leg.rtcp_mux = local.rtcp_mux;
  leg.latch = local.latch;
  leg.security = security_of(local, environment);
  if (local.ice) leg.ice = ice_of(local, environment);
  for (const Codec& codec : local.codecs) leg.formats.push_back(format_on(local, codec));
  if (!local.remote_known) return leg;
  leg.remote_rtp = local.remote.rtp;
  leg.remote_rtcp = local.rtcp_mux ? local.remote.rtp : local.remote.rtcp;
  leg.receives = local.remote.sends;
  // 0.0.0.0 is hold the old way (RFC 3264 §8.4), but with ICE only an address that is not known yet.
  leg.sends = local.remote.receives && (local.remote.rtp.has_value() || local.ice);
  return leg;
}

/// What happens to `codec`, which arrives from `from`, on its way to `to`.
session::PayloadAction action_for(const Codec& codec, const LocalMedia& from, const LocalMedia& to, bool transcodes) {
  const Codec* same = find_same(to.codecs, codec);
  if (codec.is_event()) {
    const Codec* audio = primary(to.codecs);
    const Codec* event = audio == nullptr ? nullptr : find_event(to.codecs, audio->clock_rate);
    if (event == nullptr) event = same;
    if (event == nullptr) return session::Drop{};
    if (!transcodes && event->clock_rate == codec.clock_rate) return session::Forward{event->payload_type};
    return session::MapEvent{format_on(from, codec), format_on(to, *event)};
  }
  if (same != nullptr) return session::Forward{same->payload_type};
  const Codec* target = primary(to.codecs);
  if (target == nullptr || !codec::can_transcode(codec.kind()) || !codec::can_transcode(target->kind())) {
    return session::Drop{};
  }
  return session::Transcode{format_on(from, codec), format_on(to, *target)};
}

session::PathPlan plan_path(const LocalMedia& from, const LocalMedia& to) {
  session::PathPlan path;
  path.from = from.leg;
  path.to = to.leg;
  path.own_stream = to.own_stream;
  const bool transcodes = std::ranges::any_of(from.codecs, [&](const Codec& codec) {
    return std::holds_alternative<session::Transcode>(action_for(codec, from, to, false));
  });
  for (const Codec& codec : from.codecs) {
    path.payloads.emplace_back(codec.payload_type, action_for(codec, from, to, transcodes));
  }
  path.forward_rtcp = !transcodes;
  return path;
}

}  // namespace

std::vector<session::LegPlan> plan_legs(const Side& side, const Environment& environment) {
  std::vector<session::LegPlan> legs;
  for (const LocalMedia& local : side.media) {
    if (local.enabled()) legs.push_back(plan_leg(local, environment));
  }
  return legs;
}

std::vector<session::PathPlan> plan_paths(const Side& from, const Side& to) {
  std::vector<session::PathPlan> paths;
  for (std::size_t i = 0; i < std::min(from.media.size(), to.media.size()); ++i) {
    if (from.media[i].enabled() && to.media[i].enabled()) paths.push_back(plan_path(from.media[i], to.media[i]));
  }
  return paths;
}

}  // namespace relay::negotiation
