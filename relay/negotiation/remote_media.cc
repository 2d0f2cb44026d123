#include "relay/negotiation/remote_media.h"

#include <algorithm>

#include "common/base/text.h"
#include "relay/dtls/fingerprint.h"
#include "relay/ice/candidate_text.h"

namespace relay::negotiation {
namespace {

constexpr std::size_t kMaxCandidates = 32;
constexpr std::size_t kMaxCryptos = 16;

/// Media level first, then session level.
std::optional<std::string_view> attribute(const sdp::Description& description, const sdp::Media& media,
                                          std::string_view name) {
  const auto value = media.lines.attribute(name);
  return value ? value : description.session.attribute(name);
}

void read_direction(RemoteMedia& remote, const sdp::Description& description, const sdp::Media& media) {
  for (const sdp::Lines* level : {&media.lines, &description.session}) {
    if (level->has("sendrecv")) return;
    const bool inactive = level->has("inactive");
    if (inactive || level->has("sendonly")) remote.receives = false;
    if (inactive || level->has("recvonly")) remote.sends = false;
    if (!remote.receives || !remote.sends) return;
  }
}

/// `a=rtcp:53020 [IN IP4 126.16.64.4]`, RFC 3605.
std::optional<common::SocketAddress> read_rtcp(std::string_view value, const common::IpAddress& fallback) {
  const auto port = common::parse_number<std::uint16_t>(common::take_until(value, ' '));
  if (!port || *port == 0) return std::nullopt;
  return common::SocketAddress{sdp::read_connection(value).value_or(fallback), common::Port{*port}};
}

void read_addresses(RemoteMedia& remote, const sdp::Description& description, const sdp::Media& media) {
  const auto line = media.lines.first('c') ? media.lines.first('c') : description.session.first('c');
  const auto ip = line ? sdp::read_connection(*line) : std::nullopt;
  if (!ip || ip->is_unspecified() || media.port == 0) return;
  remote.rtp = common::SocketAddress{*ip, common::Port{media.port}};
  const auto next = static_cast<std::uint16_t>(media.port + 1);
  if (next != 0) remote.rtcp = common::SocketAddress{*ip, common::Port{next}};
  if (const auto rtcp = media.lines.attribute("rtcp")) {
    if (const auto said = read_rtcp(*rtcp, *ip)) remote.rtcp = said;
  }
}

void read_ice(RemoteMedia& remote, const sdp::Description& description, const sdp::Media& media) {
  const auto ufrag = attribute(description, media, "ice-ufrag");
  const auto password = attribute(description, media, "ice-pwd");
  if (!ufrag || !password || ufrag->empty() || password->empty()) return;
  remote.ice = ice::Credentials{std::string(*ufrag), std::string(*password)};
  remote.ice_lite = description.session.has("ice-lite");
  for (const auto value : media.lines.attributes("candidate")) {
    auto candidate = ice::parse_candidate(value);
    if (candidate && remote.candidates.size() < kMaxCandidates) remote.candidates.push_back(std::move(*candidate));
  }
}

Setup read_setup(std::string_view value) {
  if (value == "active") return Setup::Active;
  if (value == "passive") return Setup::Passive;
  if (value == "holdconn") return Setup::HoldConn;
  return Setup::ActPass;
}

void read_keys(RemoteMedia& remote, const sdp::Description& description, const sdp::Media& media) {
  if (const auto value = attribute(description, media, "fingerprint")) {
    remote.fingerprint = dtls::parse_fingerprint(*value);
  }
  if (const auto value = attribute(description, media, "setup")) remote.setup = read_setup(*value);
  for (const auto value : media.lines.attributes("crypto")) {
    auto crypto = sdp::read_crypto(value);
    if (crypto && remote.cryptos.size() < kMaxCryptos) remote.cryptos.push_back(std::move(*crypto));
  }
}

/// A packet time in ms, RFC 8866 §6.4. It may be a broken number, of which the whole part counts.
std::optional<std::uint16_t> read_packet_time(const sdp::Media& media, std::string_view name) {
  std::string_view text = common::trim(media.lines.attribute(name).value_or(""));
  const auto ms = common::parse_number<std::uint16_t>(common::take_until(text, '.'));
  if (!ms || *ms == 0) return std::nullopt;
  return std::clamp<std::uint16_t>(*ms, 10, 120);
}

}  // namespace

RemoteMedia read_remote_media(const sdp::Description& description, std::size_t index) {
  const sdp::Media& media = description.media[index];
  RemoteMedia remote;
  remote.kind = media.kind;
  remote.protocol = ng::transport_protocol_from(media.protocol);
  remote.enabled = media.port != 0 && remote.protocol.has_value();
  if (const auto mid = media.lines.attribute("mid")) remote.mid = *mid;
  remote.rtcp_mux = media.lines.has("rtcp-mux");
  remote.codecs = read_codecs(media);
  remote.ptime = read_packet_time(media, "ptime").value_or(remote.ptime);
  remote.max_ptime = read_packet_time(media, "maxptime").value_or(remote.max_ptime);
  read_direction(remote, description, media);
  read_addresses(remote, description, media);
  read_ice(remote, description, media);
  read_keys(remote, description, media);
  return remote;
}

}  // namespace relay::negotiation
