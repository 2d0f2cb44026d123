#include <algorithm>

#include "relay/codec/codec.h"
#include "relay/negotiation/exchange.h"
#include "relay/negotiation/keys.h"
#include "relay/negotiation/medium.h"
#include "relay/negotiation/rewrite.h"

namespace relay::negotiation {
namespace {

/// The role left to us by what the answerer chose.
dtls::Role role_against(Setup answered) {
  return answered == Setup::Passive ? dtls::Role::Active : dtls::Role::Passive;
}

/// The role we choose when we answer an offer. An association that exists keeps its roles, RFC 8842 §5.3.
dtls::Role role_for(const LocalMedia& local, const ng::Flags& flags) {
  const Setup offered = local.remote.setup;
  if (local.dtls_settled && offered == Setup::ActPass) return local.dtls_role;
  if (offered == Setup::Active) return dtls::Role::Passive;
  if (offered == Setup::Passive) return dtls::Role::Active;
  return flags.dtls == ng::Dtls::Active ? dtls::Role::Active : dtls::Role::Passive;
}

/// The keys of the offer with the feedback of the answer; nothing: the answer does not take those keys. What it takes
/// is judged by what it brings, not by the name of its protocol alone: phones write RTP/AVP above their keys, and older
/// WebRTC peers RTP/SAVPF above a fingerprint (UDP/TLS came with RFC 5764 only). Plain RTP may grow keys, as with
/// opportunistic SRTP (RFC 8643), when they were offered.
std::optional<ng::TransportProtocol> agreed_protocol(const LocalMedia& local) {
  using enum ng::TransportProtocol;
  const RemoteMedia& remote = local.remote;
  const ng::TransportProtocol answered = *remote.protocol;
  const bool plain = !ng::is_encrypted(answered);
  const bool feedback = ng::has_feedback(answered);
  if (ng::is_dtls(local.protocol)) {
    if (plain && !remote.fingerprint) return std::nullopt;
    return feedback ? UdpTlsRtpSavpf : UdpTlsRtpSavp;
  }
  if (ng::is_sdes(local.protocol)) {
    if (ng::is_dtls(answered) || (plain && remote.cryptos.empty())) return std::nullopt;
    return feedback ? RtpSavpf : RtpSavp;
  }
  const bool grows_keys = ng::is_sdes(answered) && !local.cryptos.empty();
  return plain || grows_keys ? std::optional{answered} : std::nullopt;
}

/// An answer may not choose other keys than were offered, least of all none: who sits on the way would only have to
/// rewrite its m-line.
std::optional<ExchangeError> settle_protocol(LocalMedia& local) {
  const ng::TransportProtocol answered = *local.remote.protocol;
  const auto agreed = agreed_protocol(local);
  if (!agreed) {
    const bool without = ng::is_encrypted(local.protocol) && !ng::is_encrypted(answered);
    return ExchangeError{"Transport protocol mismatch: the answer takes " + std::string(ng::to_string(answered)) +
                         (without ? " without keys" : "") + " where " + std::string(ng::to_string(local.protocol)) +
                         " was offered"};
  }
  local.protocol = *agreed;
  return std::nullopt;
}

/// What the answerer agreed to of what we offered it.
std::optional<ExchangeError> settle_answerer(LocalMedia& local) {
  if (auto error = settle_protocol(local)) return error;
  const RemoteMedia& remote = local.remote;
  local.rtcp_mux = local.rtcp_mux && remote.rtcp_mux;
  local.rtcp_fallback = false;
  local.ice = local.ice && remote.ice;
  local.dtls_role = role_against(remote.setup);
  local.dtls_settled = ng::is_dtls(local.protocol);
  CodecList agreed = remote.codecs;
  for (Codec& codec : agreed) {
    const Codec* ours = find_same(local.codecs, codec);
    codec.added = ours != nullptr && ours->added;
  }
  local.codecs = std::move(agreed);
  const auto taken = std::ranges::find_if(local.cryptos, [&](const sdp::Crypto& ours) {
    return !remote.cryptos.empty() && ours.tag == remote.cryptos.front().tag &&
           ours.key.suite == remote.cryptos.front().key.suite;
  });
  if (taken != local.cryptos.end()) {
    local.cryptos = {*taken};
    local.receive_key = remote.cryptos.front().key;
  } else if (ng::is_sdes(local.protocol)) {
    return ExchangeError{"The answer names no SDES key for any suite that was offered"};
  } else {
    local.cryptos.clear();
  }
  if (ng::is_dtls(local.protocol) && !remote.fingerprint) {
    return ExchangeError{"The answer has no fingerprint for DTLS"};
  }
  return std::nullopt;
}

/// Codecs for the answer to the offerer: those both sides share, else the first of its own that we can transcode. A
/// codec that we offered although the offerer's was masked is not shared: the rules ask for transcoding.
CodecList codecs_to_answer(const CodecList& offered, const CodecList& answered, const ng::CodecRules& rules) {
  CodecList agreed;
  const auto take = [&](const Codec& codec) {
    if (find_same(agreed, codec) == nullptr) agreed.push_back(codec);
  };
  const Codec* first = primary(answered);
  for (const Codec& codec : answered) {
    const Codec* same = find_same(offered, codec);
    if (same != nullptr && !same->is_event() && !codec.added) take(*same);
  }
  const bool shares_first = first != nullptr && !first->added && find_same(offered, *first) != nullptr;
  if (!shares_first && first != nullptr && codec::can_transcode(first->kind())) {
    const auto usable = std::ranges::find_if(offered, [](const Codec& c) { return codec::can_transcode(c.kind()); });
    if (usable != offered.end()) agreed.assign(1, *usable);
  }
  for (const std::string& rule : rules.accept) {
    const auto wanted = std::ranges::find_if(offered, [&](const Codec& codec) { return codec.matches(rule); });
    if (wanted != offered.end() && codec::can_transcode(wanted->kind())) take(*wanted);
  }
  const Codec* chosen = primary(agreed);
  if (chosen == nullptr) return agreed;
  const Codec* event = find_event(offered, chosen->clock_rate);
  if (event == nullptr) event = find_event(offered, 0);  // Firefox: Opus beside telephone-event/8000
  if (event != nullptr && find_event(answered, 0) != nullptr) take(*event);
  return agreed;
}

std::optional<ExchangeError> answer_transport(LocalMedia& to, const ng::Flags& flags, Environment& environment) {
  const RemoteMedia& offerer = to.remote;
  to.rtcp_mux = offerer.rtcp_mux && !flags.rtcp_mux.reject;
  to.rtcp_fallback = false;
  to.ice = offerer.ice && flags.ice != ng::Ice::Remove;
  if (to.ice && renew_ice(to, environment.random, false)) to.ice_controlling = offerer.ice_lite;
  to.dtls_role = role_for(to, flags);
  to.dtls_settled = ng::is_dtls(to.protocol);
  if (ng::is_dtls(to.protocol) && !offerer.fingerprint) return ExchangeError{"The offer has no fingerprint for DTLS"};
  const bool had_keys = to.receive_key.has_value();
  to.receive_key.reset();
  // Who writes RTP/AVP above its keys does so in a later offer too: that does not end keys which are in use.
  const bool opportunistic = !ng::is_encrypted(to.protocol) && (flags.osrtp.accept || had_keys);
  if (!ng::is_sdes(to.protocol) && !opportunistic) {
    to.cryptos.clear();
    return std::nullopt;
  }
  to.cryptos = crypto_to_answer(offerer.cryptos, flags.sdes, to.cryptos, environment.random);
  if (to.cryptos.empty()) {
    if (opportunistic) return std::nullopt;
    return ExchangeError{"The offer names no SDES key of a suite that we know"};
  }
  const auto theirs = std::ranges::find(offerer.cryptos, to.cryptos.front().tag, &sdp::Crypto::tag);
  to.receive_key = theirs->key;
  return std::nullopt;
}

std::optional<ExchangeError> require_encryption(const LocalMedia& local, const ng::Flags& flags) {
  const bool encrypted = ng::is_dtls(local.protocol) || local.receive_key.has_value();
  if (!flags.require_encryption || encrypted) return std::nullopt;
  return ExchangeError{"Encryption is required and the other side takes none"};
}

}  // namespace

Exchanged relay_answer(const sdp::Description& answer, const ng::Request& request, Side& from, Side& to,
                       Environment& environment) {
  const ng::Flags& flags = request.flags;
  if (answer.media.size() != from.media.size()) {
    return common::Err{ExchangeError{"The answer has another number of media than the offer"}};
  }
  bool left = false;
  bool left_out = false;
  for (std::size_t i = 0; i < answer.media.size(); ++i) {
    LocalMedia& theirs = from.media[i];
    LocalMedia& ours = to.media[i];
    const auto refuse = [&] {
      theirs.ports.reset();
      ours.ports.reset();
    };
    RemoteMedia remote = read_remote_media(answer, i);
    if (!remote.enabled || !theirs.enabled()) {
      refuse();
      continue;
    }
    take_remote(theirs, std::move(remote), request, environment.random);
    if (auto error = settle_answerer(theirs)) return common::Err{*error};
    if (auto error = answer_transport(ours, flags, environment)) return common::Err{*error};
    for (const LocalMedia* local : {&theirs, &ours}) {
      if (auto error = require_encryption(*local, flags)) return common::Err{*error};
    }
    ours.codecs = codecs_to_answer(ours.remote.codecs, theirs.codecs, flags.codec);
    if (ours.codecs.empty()) refuse();
    (ours.enabled() ? left : left_out) = true;
  }
  if (left_out && !left) return common::Err{ExchangeError{"The two sides share no codec"}};
  sdp::Description out = answer;
  rewrite_for(to, flags, Role::Answer, environment, out);
  return sdp::write(out);
}

}  // namespace relay::negotiation
