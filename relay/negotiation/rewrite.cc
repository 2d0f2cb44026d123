#include "relay/negotiation/rewrite.h"

#include <algorithm>
#include <array>

#include "common/base/text.h"
#include "relay/dtls/certificate.h"
#include "relay/ice/candidate_text.h"

namespace relay::negotiation {
namespace {

/// Said anew by us, or not at all.
constexpr std::array kTransportAttributes{
    "candidate",     "end-of-candidates", "ice-ufrag",     "ice-pwd",    "ice-options", "ice-lite",   "ice-mismatch",
    "ice-pacing",    "remote-candidates", "fingerprint",   "setup",      "tls-id",      "connection", "crypto",
    "rtcp",          "rtcp-mux",          "rtcp-mux-only", "rtcp-rsize", "ssrc",        "ssrc-group", "msid",
    "msid-semantic", "bundle-only",       "rid",           "simulcast",  "ptime"};
/// Only a WebRTC peer understands these.
constexpr std::array kWebRtcAttributes{"extmap", "extmap-allow-mixed", "mid"};

void remove_all(sdp::Lines& lines, auto names) {
  for (const char* name : names) lines.remove(name);
}

void write_ice(sdp::Media& media, const LocalMedia& local) {
  media.lines.add("ice-ufrag", local.ice_local.ufrag);
  media.lines.add("ice-pwd", local.ice_local.password);
  for (const ice::Candidate& candidate : local_candidates(local)) {
    media.lines.add("candidate", ice::format_candidate(candidate));
  }
  media.lines.add("end-of-candidates");
}

void write_keys(sdp::Media& media, const LocalMedia& local, Role role, const Environment& environment) {
  for (const sdp::Crypto& crypto : local.cryptos) media.lines.add("crypto", sdp::write_crypto(crypto));
  if (!ng::is_dtls(local.protocol)) return;
  const std::string_view answer = local.dtls_role == dtls::Role::Passive ? "passive" : "active";
  media.lines.add("setup", role == Role::Offer ? "actpass" : answer);
  media.lines.add("fingerprint", dtls::format_fingerprint(environment.certificate->fingerprint()));
}

void write_rtcp(sdp::Media& media, const LocalMedia& local, const ng::Flags& flags) {
  if (local.rtcp_mux) media.lines.add("rtcp-mux");
  if (flags.no_rtcp_attribute) return;
  const auto address = local.has_rtcp_port() ? local.ports->advertised_rtcp() : local.ports->advertised_rtp();
  std::string value = std::to_string(address.port.value);
  if (flags.full_rtcp_attribute) value += ' ' + sdp::write_connection(address.ip);
  media.lines.add("rtcp", value);
}

void write_ptime(sdp::Media& media, const LocalMedia& local, const std::string& as_it_came) {
  if (local.ptime != 0) {
    media.lines.add("ptime", std::to_string(local.ptime));
  } else if (!as_it_came.empty()) {
    media.lines.add("ptime", as_it_came);
  }
}

/// RFC 3264 §6: refused, in its place.
void disable(sdp::Media& media, const LocalMedia& local, Role role) {
  media.port = 0;
  remove_all(media.lines, kTransportAttributes);
  remove_all(media.lines, kWebRtcAttributes);
  media.lines.remove_type('c');
  if (role == Role::Offer || !local.remote_known || local.remote.kind != media.kind) return;
  media.protocol = ng::to_string(local.protocol);  // the offer's, not what the other side was offered
  if (!local.remote.mid.empty()) media.lines.add("mid", local.remote.mid);
}

void rewrite_media(sdp::Media& media, const LocalMedia& local, std::size_t index, const ng::Flags& flags, Role role,
                   const Environment& environment) {
  if (!local.enabled()) return disable(media, local, role);
  const std::string ptime(media.lines.attribute("ptime").value_or(""));
  const std::string offered_mid(media.lines.attribute("mid").value_or(""));
  const bool webrtc = ng::is_dtls(local.protocol);
  remove_all(media.lines, kTransportAttributes);
  if (webrtc) {
    media.lines.remove("mid");
  } else {
    remove_all(media.lines, kWebRtcAttributes);
  }
  media.lines.remove_type('c');
  media.port = local.ports->advertised_rtp().port.value;
  media.protocol = ng::to_string(local.protocol);
  media.lines.all.insert(media.lines.all.begin(), {'c', sdp::write_connection(local.ports->advertised_rtp().ip)});
  write_codecs(media, local.codecs, ng::has_feedback(local.protocol));
  write_ptime(media, local, ptime);
  write_rtcp(media, local, flags);
  if (role == Role::Answer && !local.remote.mid.empty()) {
    media.lines.add("mid", local.remote.mid);
  } else if (role == Role::Offer && (flags.generate_mid || webrtc)) {
    media.lines.add("mid", offered_mid.empty() ? std::to_string(index) : offered_mid);
  }
  if (local.ice) write_ice(media, local);
  write_keys(media, local, role, environment);
}

/// `o=name id version IN IP4 address`
struct Origin {
  std::string name;
  std::string id;
  std::string version;
  std::string address;  // with network and address type
};

std::optional<Origin> read_origin(const sdp::Lines& session) {
  std::string_view rest = session.first('o').value_or("");
  Origin origin;
  for (std::string* word : {&origin.name, &origin.id, &origin.version}) *word = common::take_until(rest, ' ');
  origin.address = rest;
  if (std::ranges::count(rest, ' ') < 2) return std::nullopt;
  return origin;
}

void write_origin(sdp::Lines& session, const Origin& origin) {
  session.set('o', origin.name + ' ' + origin.id + ' ' + origin.version + ' ' + origin.address);
}

/// Names of the sender that no receiver needs: "-" stands for none (RFC 8866 §5.2, §5.3) and is the same in every SDP.
void replace_names(sdp::Lines& session, const ng::Replace& replace) {
  if (replace.session_name) session.set('s', "-");
  auto origin = read_origin(session);
  if (!replace.username || !origin) return;
  origin->name = "-";
  write_origin(session, *origin);
}

/// RFC 3264 §8: the version grows by one with every SDP that differs from the one before, and only then. The first one
/// keeps its sender's.
void count_version(Side& side, sdp::Description& description) {
  auto origin = read_origin(description.session);
  if (!origin) return;
  const auto first = common::parse_number<std::uint64_t>(origin->version).value_or(1);
  origin->version = "0";
  write_origin(description.session, *origin);
  std::string now = sdp::write(description);
  if (!side.said) {
    side.said = Side::Said{std::move(now), first};
  } else if (side.said->sdp != now) {
    side.said = Side::Said{std::move(now), side.said->version + 1};
  }
  origin->version = std::to_string(side.said->version);
  write_origin(description.session, *origin);
}

void rewrite_session(sdp::Lines& session, const common::IpAddress& address, const ng::Replace& replace) {
  if (session.first('c') || replace.session_connection) session.set('c', sdp::write_connection(address));
  auto origin = read_origin(session);
  if (!replace.origin || !origin) return;
  origin->address = sdp::write_connection(address);
  write_origin(session, *origin);
}

}  // namespace

std::vector<ice::Candidate> local_candidates(const LocalMedia& local) {
  std::vector<ice::Candidate> candidates;
  const auto add = [&](ice::Component component, const common::SocketAddress& address) {
    candidates.push_back({"1", component, ice::candidate_priority(ice::CandidateType::Host, 65535, component), address,
                          ice::CandidateType::Host});
  };
  add(ice::Component::Rtp, local.ports->advertised_rtp());
  if (local.has_rtcp_port()) add(ice::Component::Rtcp, local.ports->advertised_rtcp());
  return candidates;
}

void rewrite_for(Side& side, const ng::Flags& flags, Role role, const Environment& environment,
                 sdp::Description& description) {
  remove_all(description.session, kTransportAttributes);
  description.session.remove("group");
  description.session.remove("extmap-allow-mixed");
  bool ice = false;
  const PortPair* first_ports = nullptr;
  for (std::size_t i = 0; i < description.media.size(); ++i) {
    const LocalMedia& local = side.media[i];
    rewrite_media(description.media[i], local, i, flags, role, environment);
    if (!local.enabled()) continue;
    ice = ice || local.ice;
    if (first_ports == nullptr) first_ports = local.ports.get();
  }
  if (ice && environment.ice_lite) description.session.add("ice-lite");
  if (first_ports != nullptr) {
    rewrite_session(description.session, first_ports->advertised_rtp().ip, flags.replace);
  }
  replace_names(description.session, flags.replace);
  if (flags.replace.session_version) count_version(side, description);
}

}  // namespace relay::negotiation
