#include <algorithm>

#include "control-protocol/message/reply.h"
#include "relay/negotiation/codec_rules.h"
#include "relay/negotiation/exchange.h"
#include "relay/negotiation/keys.h"
#include "relay/negotiation/medium.h"
#include "relay/negotiation/rewrite.h"

namespace relay::negotiation {
namespace {

bool ice_towards_callee(const ng::Flags& flags, const RemoteMedia& caller) {
  switch (flags.ice) {
    case ng::Ice::Force:
      return true;
    case ng::Ice::Remove:
      return false;
    case ng::Ice::Unset:
    case ng::Ice::Default:
      return caller.ice.has_value();
  }
  return false;
}

bool mux_towards_callee(const ng::Flags& flags, const LocalMedia& to, const RemoteMedia& caller) {
  if (flags.rtcp_mux.offer || flags.rtcp_mux.require) return true;
  if (flags.rtcp_mux.demux) return false;
  return caller.rtcp_mux || ng::is_dtls(to.protocol);
}

ng::TransportProtocol protocol_towards_callee(const ng::Flags& flags, ng::TransportProtocol callers) {
  const ng::TransportProtocol protocol = flags.transport_protocol.value_or(callers);
  if (flags.dtls != ng::Dtls::Off || !ng::is_dtls(protocol)) return protocol;
  return ng::has_feedback(protocol) ? ng::TransportProtocol::RtpSavpf : ng::TransportProtocol::RtpSavp;
}

/// What of a section the callee is offered; nothing: the section is refused. Strips the caller's codecs.
CodecList take_codecs(RemoteMedia& caller, const ng::Flags& flags) {
  if (!caller.enabled) return {};
  const bool audio = caller.kind == "audio";
  caller.codecs = without_stripped(caller.codecs, flags.codec, audio);
  return codecs_to_offer(caller.codecs, flags.codec, audio,
                         ng::is_dtls(protocol_towards_callee(flags, *caller.protocol)));
}

void offer_transport(LocalMedia& to, const RemoteMedia& caller, const ng::Flags& flags, Environment& environment) {
  to.protocol = protocol_towards_callee(flags, *caller.protocol);
  const bool muxed_before = to.remote_known && to.rtcp_mux;
  to.rtcp_mux = mux_towards_callee(flags, to, caller);
  to.rtcp_fallback = to.rtcp_mux && !muxed_before && !flags.rtcp_mux.require;
  to.ice = ice_towards_callee(flags, caller);
  if (to.ice && renew_ice(to, environment.random, false)) to.ice_controlling = true;
  const bool sdes = (ng::is_sdes(to.protocol) && !flags.sdes.off) || flags.osrtp.offer;
  to.cryptos = sdes ? cryptos_to_offer(flags.sdes, to.cryptos, environment.random) : std::vector<sdp::Crypto>{};
  to.receive_key.reset();
}

/// A side that has no keys in its SDP cannot get any: that need not wait for the answer.
std::optional<ExchangeError> require_encryption(const LocalMedia& ours, const LocalMedia& theirs,
                                                const ng::Flags& flags) {
  if (!flags.require_encryption) return std::nullopt;
  if (!ng::is_encrypted(ours.protocol) && ours.remote.cryptos.empty()) {
    return ExchangeError{"Encryption is required and the offer has none"};
  }
  if (!ng::is_encrypted(theirs.protocol) && theirs.cryptos.empty()) {
    return ExchangeError{"Encryption is required and the flags ask for an offer without"};
  }
  return std::nullopt;
}

using Family = common::IpAddress::Family;

/// Where a side's ports should be: a family that was asked for is a must, that of the offer only what is tried first.
struct Place {
  std::string_view interface;
  std::optional<Family> required;
  std::optional<Family> preferred;
};

common::Result<std::shared_ptr<PortPair>, PortError> allocate_at(const Place& place, Environment& environment) {
  auto ports = environment.allocate(place.interface, place.required ? place.required : place.preferred);
  const bool may_differ = !place.required && place.preferred;
  if (ports || ports.error() != PortError::NoSuchInterface || !may_differ) return ports;
  return environment.allocate(place.interface, std::nullopt);
}

/// Room for one more medium on a side, with ports if the medium is enabled.
std::optional<ExchangeError> open_medium(Side& side, std::size_t index, bool enabled, const Place& place,
                                         Environment& environment) {
  if (side.media.size() <= index) side.media.resize(index + 1);
  LocalMedia& local = side.media[index];
  local.label = side.tag + '/' + std::to_string(index);
  if (!enabled) {
    local.ports.reset();
    return std::nullopt;
  }
  if (local.ports) return std::nullopt;
  auto ports = allocate_at(place, environment);
  if (!ports) {
    if (ports.error() == PortError::Exhausted) return ExchangeError{std::string(ng::kRanOutOfPorts), true};
    return ExchangeError{"No interface named '" + std::string(place.interface) + "' for this address family"};
  }
  local.leg = environment.next_leg();
  local.ports = std::move(*ports);
  local.own_stream = {environment.random.u32(), static_cast<std::uint16_t>(environment.random.u32() & 0x7fff),
                      environment.random.u32()};
  return std::nullopt;
}

/// Sets where new ports of a side open; a request that names no interface leaves it as it was. A name that nobody
/// configured means the first interface, with a warning: flag strings of an rtpengine go on working, and the one who
/// mistyped a name reads it in the reply.
void choose_interface(Side& side, const ng::Flags& flags, std::size_t which, Environment& environment) {
  if (flags.direction.empty()) return;
  const std::string& name = flags.direction[std::min(which, flags.direction.size() - 1)];
  if (name.empty() || !environment.has_interface || environment.has_interface(name)) {
    side.interface = name;
    return;
  }
  side.interface.clear();
  environment.warnings.push_back("unknown interface '" + name.substr(0, 64) + "', the first one is used");
}

}  // namespace

Exchanged relay_offer(const sdp::Description& offer, const ng::Request& request, Side& from, Side& to,
                      Environment& environment) {
  const ng::Flags& flags = request.flags;
  choose_interface(from, flags, 0, environment);
  choose_interface(to, flags, 1, environment);
  bool left = false;
  bool left_out = false;
  for (std::size_t i = 0; i < offer.media.size(); ++i) {
    RemoteMedia caller = read_remote_media(offer, i);
    CodecList codecs = take_codecs(caller, flags);
    const bool enabled = !codecs.empty();
    left = left || enabled;
    left_out = left_out || (caller.enabled && !enabled);
    const auto callers = caller.rtp ? std::optional{caller.rtp->ip.family()} : std::nullopt;
    // The flag is about the address that the receiver of this offer sees.
    const Place ours_at{from.interface, std::nullopt, callers};
    const Place theirs_at{to.interface, flags.address_family, callers};
    if (auto error = open_medium(from, i, enabled, ours_at, environment)) return common::Err{*error};
    if (auto error = open_medium(to, i, enabled, theirs_at, environment)) return common::Err{*error};
    if (!caller.enabled) continue;
    LocalMedia& ours = from.media[i];
    LocalMedia& theirs = to.media[i];
    ours.protocol = *caller.protocol;
    take_remote(ours, std::move(caller), request, environment.random);
    if (!enabled) continue;  // of a section that is refused the answer needs place and mid, no more
    offer_transport(theirs, ours.remote, flags, environment);
    if (auto error = require_encryption(ours, theirs, flags)) return common::Err{*error};
    theirs.codecs = std::move(codecs);
    theirs.ptime = static_cast<std::uint16_t>(flags.ptime.value_or(0));
  }
  if (left_out && !left) return common::Err{ExchangeError{"No codec is left to offer"}};
  from.media.resize(offer.media.size());
  to.media.resize(offer.media.size());
  sdp::Description out = offer;
  rewrite_for(to, flags, Role::Offer, environment, out);
  return sdp::write(out);
}

}  // namespace relay::negotiation
