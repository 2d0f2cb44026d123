#include "relay/control/call_report.h"

#include <algorithm>

namespace relay::control {
namespace {

/// LegReport::security is the suite in use, or why there is none.
bool is_encrypted(const session::LegReport& leg) { return leg.security != "plain" && leg.security != "pending"; }

ng::Dictionary totals_of(const session::Totals& totals) {
  return {{"packets", totals.packets}, {"bytes", totals.bytes}, {"errors", totals.errors}};
}

ng::Dictionary endpoint_of(const common::SocketAddress& address) {
  return {{"family", address.ip.is_v4() ? "IPv4" : "IPv6"},
          {"address", address.ip.to_string()},
          {"port", address.port.value}};
}

std::int64_t seconds_of(common::WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

/// One port of a medium. `rtp`, `rtcp`: what it carries, both where they share it (RFC 5761). `said`: the peer's
/// address as its SDP has it.
struct Stream {
  const session::PortReport& port;
  bool rtp = false;
  bool rtcp = false;
  std::optional<common::SocketAddress> said;
};

ng::Dictionary stream_of(const Stream& of, const session::LegReport& leg, common::WallTime now) {
  const session::PortReport& port = of.port;
  ng::Dictionary stream;
  stream["local address"] = port.local.ip.to_string();
  stream["local port"] = port.local.port.value;
  if (port.remote) stream["endpoint"] = endpoint_of(*port.remote);
  if (of.said) stream["advertised endpoint"] = endpoint_of(*of.said);
  if (is_encrypted(leg)) stream["crypto suite"] = leg.security;
  if (of.rtp && !leg.ingress.empty()) stream["SSRC"] = leg.ingress.back().ssrc;
  stream["stats"] = totals_of(port.received);
  stream["stats_out"] = totals_of(port.sent);
  ng::List flags;
  if (of.rtp) flags.emplace_back("RTP");
  if (of.rtcp) flags.emplace_back("RTCP");
  if (port.remote) flags.emplace_back("filled");
  if (port.pinned) flags.emplace_back("confirmed");
  stream["flags"] = std::move(flags);
  if (port.since_last_packet) {
    stream["last packet"] = seconds_of(now - *port.since_last_packet);
    stream["last packet seconds ago"] = port.since_last_packet->count();
  }
  return stream;
}

ng::Dictionary media_of(const negotiation::LocalMedia& local, std::size_t index, const session::LegReport* leg,
                        common::WallTime now) {
  ng::Dictionary media;
  media["index"] = index + 1;
  media["type"] = local.remote.kind;
  media["protocol"] = ng::to_string(local.protocol);
  if (leg == nullptr) return media;
  ng::List streams;
  streams.emplace_back(stream_of({leg->rtp, true, local.rtcp_mux, local.remote.rtp}, *leg, now));
  if (leg->rtcp) streams.emplace_back(stream_of({*leg->rtcp, false, true, local.remote.rtcp}, *leg, now));
  media["streams"] = std::move(streams);
  ng::List flags;
  if (local.rtcp_mux) flags.emplace_back("rtcp-mux");
  if (leg->ice_connected) flags.emplace_back("ICE");
  if (leg->dtls_connected) flags.emplace_back("DTLS-SRTP");
  if (leg->security != "plain") flags.emplace_back(leg->security);
  if (!local.cryptos.empty() && local.receive_key) flags.emplace_back("SDES");
  media["flags"] = std::move(flags);
  if (leg->source_changes != 0) media["source changes"] = leg->source_changes;
  return media;
}

ng::Dictionary ssrc_of(const session::IngressStream& stream) {
  ng::Dictionary entry = totals_of(stream.totals);
  entry["payload type"] = stream.payload_type;
  entry["packets lost"] = stream.lost;
  entry["jitter"] = stream.jitter;
  if (stream.round_trip_us) entry["round-trip time"] = *stream.round_trip_us;
  return entry;
}

void add(session::Totals& sum, const session::Totals& part) {
  sum.packets += part.packets;
  sum.bytes += part.bytes;
  sum.errors += part.errors;
}

class Describer {
 public:
  Describer(const session::SessionReport& report, common::WallTime now) : report_(report), now_(now) {}

  void add_side(const negotiation::Side& side, const std::string& peer, common::WallTime created) {
    if (side.tag.empty() || tags_.contains(side.tag)) return;
    ng::List medias;
    for (std::size_t i = 0; i < side.media.size(); ++i) {
      const negotiation::LocalMedia& local = side.media[i];
      medias.emplace_back(media_of(local, i, local.enabled() ? find(local.leg) : nullptr, now_));
    }
    tags_[side.tag] = ng::Dictionary{
        {"tag", side.tag}, {"created", seconds_of(created)}, {"in dialogue with", peer}, {"medias", std::move(medias)}};
  }

  ng::Dictionary take() {
    session::Totals rtp;
    session::Totals rtcp;
    ng::Dictionary ssrcs;
    for (const session::LegReport& leg : report_.legs) {
      add(rtp, leg.rtp.received);
      if (leg.rtcp) add(rtcp, leg.rtcp->received);
      for (const auto& stream : leg.ingress) ssrcs[std::to_string(stream.ssrc)] = ssrc_of(stream);
    }
    return {{"tags", std::move(tags_)},
            {"SSRC", std::move(ssrcs)},
            {"totals", ng::Dictionary{{"RTP", totals_of(rtp)}, {"RTCP", totals_of(rtcp)}}}};
  }

 private:
  const session::LegReport* find(session::LegId id) const {
    const auto found = std::ranges::find(report_.legs, id, &session::LegReport::id);
    return found == report_.legs.end() ? nullptr : &*found;
  }

  const session::SessionReport& report_;
  common::WallTime now_;
  ng::Dictionary tags_;
};

}  // namespace

ng::Dictionary describe_call(const Call& call, const session::SessionReport& report, common::WallTime now) {
  Describer describer(report, now);
  for (const Fork& fork : call.forks()) {
    const negotiation::Pair& pair = fork.latest();
    describer.add_side(pair.offerer, fork.callee_tag, call.created());
    describer.add_side(pair.answerer, fork.caller_tag, call.created());
  }
  ng::Dictionary body = describer.take();
  body["created"] = seconds_of(call.created());
  body["created_us"] = std::chrono::duration_cast<std::chrono::microseconds>(call.created().time_since_epoch()).count();
  body["last signal"] = seconds_of(call.last_signal());
  return body;
}

}  // namespace relay::control
