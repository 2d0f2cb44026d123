#include "proxy/media/leg_policy.h"

namespace proxy::media {
namespace {

using core::Leg;
using ng::TransportProtocol;

/// A browser speaks nothing but DTLS-SRTP with ICE and multiplexed RTCP (RFC 8834, RFC 8835).
void towards_browser(ng::Flags& flags) {
  flags.transport_protocol = TransportProtocol::UdpTlsRtpSavpf;
  flags.ice = ng::Ice::Force;
  flags.sdes.off = true;
  flags.rtcp_mux.offer = true;
  flags.generate_mid = true;
}

void towards_telephone(ng::Flags& flags, trunk::SrtpPolicy srtp) {
  flags.ice = ng::Ice::Remove;
  flags.dtls = ng::Dtls::Off;
  flags.rtcp_mux.demux = true;
  switch (srtp) {
    case trunk::SrtpPolicy::Rtp:
      flags.transport_protocol = TransportProtocol::RtpAvp;
      flags.sdes.off = true;
      return;
    case trunk::SrtpPolicy::SdesRequired:
      flags.transport_protocol = TransportProtocol::RtpSavp;
      flags.sdes.pad = true;
      return;
    case trunk::SrtpPolicy::SdesPreferred:
      flags.transport_protocol = TransportProtocol::RtpAvp;
      flags.osrtp.offer = true;
      flags.osrtp.accept = true;
      flags.sdes.pad = true;
      return;
  }
}

/// Keys go where the signalling is encrypted too.
trunk::SrtpPolicy srtp_of(const Party& party) {
  if (party.trunk != nullptr) return party.trunk->srtp;
  return party.signalling == transport::Kind::Tls ? trunk::SrtpPolicy::SdesPreferred : trunk::SrtpPolicy::Rtp;
}

/// Where a party's media is: as the route says, else as its trunk does.
const std::string& interface_of(const Party& party, const std::string& of_route) {
  return of_route.empty() && party.trunk != nullptr ? party.trunk->interface : of_route;
}

ng::Flags flags_towards(const Party& sender, const Party& receiver, const routing::MediaPolicy& policy) {
  ng::Flags flags;
  // Media of a phone behind NAT comes from where its signalling comes from.
  flags.trust_address = !sender.behind_nat;
  flags.sip_source_address = sender.behind_nat;
  flags.replace.origin = true;
  flags.replace.session_connection = true;
  flags.require_encryption = policy.require_encryption;
  if (receiver.leg == Leg::Browser) {
    towards_browser(flags);
  } else {
    towards_telephone(flags, srtp_of(receiver));
  }
  return flags;
}

}  // namespace

bool must_encrypt(const Party& party, const routing::MediaPolicy& policy) noexcept {
  return policy.require_encryption || (party.trunk != nullptr && party.trunk->srtp == trunk::SrtpPolicy::SdesRequired);
}

ng::Flags offer_flags(const Party& sender, const Party& receiver, const routing::MediaPolicy& policy,
                      bool from_caller) {
  ng::Flags flags = flags_towards(sender, receiver, policy);
  // Only an offer leaves the roles open. In an answer rtpengine may have begun its handshake as the active end already.
  if (receiver.leg == Leg::Browser) flags.dtls = ng::Dtls::Passive;
  if (receiver.trunk != nullptr && !receiver.trunk->codecs.empty()) {
    flags.codec.mask = {"all"};
    flags.codec.transcode = receiver.trunk->codecs;
  }
  const auto& senders = interface_of(sender, from_caller ? policy.caller_interface : policy.callee_interface);
  const auto& receivers = interface_of(receiver, from_caller ? policy.callee_interface : policy.caller_interface);
  if (!senders.empty() || !receivers.empty()) flags.direction = {senders, receivers};
  return flags;
}

ng::Flags answer_flags(const Party& sender, const Party& receiver, const routing::MediaPolicy& policy) {
  return flags_towards(sender, receiver, policy);
}

}  // namespace proxy::media
