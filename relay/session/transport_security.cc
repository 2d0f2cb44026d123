#include "relay/session/transport_security.h"

namespace relay::session {
namespace {

using common::Err;

DropReason reason_of(srtp::SrtpError error, DropReason malformed) noexcept {
  switch (error) {
    case srtp::SrtpError::AuthenticationFailed:
      return DropReason::Unauthenticated;
    case srtp::SrtpError::Replayed:
      return DropReason::Replayed;
    case srtp::SrtpError::Malformed:
      return malformed;
    case srtp::SrtpError::KeyExhausted:
    case srtp::SrtpError::TooManySources:
      return DropReason::SrtpLimit;
    case srtp::SrtpError::NoTailroom:
    case srtp::SrtpError::BadKey:
    case srtp::SrtpError::Internal:
      return DropReason::SrtpFailure;
  }
  return DropReason::SrtpFailure;
}

}  // namespace

void TransportSecurity::use_plain() noexcept {
  await_keys();
  plain_ = true;
}

void TransportSecurity::await_keys() noexcept {
  plain_ = false;
  outbound_.reset();
  inbound_.reset();
  outbound_key_.reset();
  inbound_key_.reset();
}

void TransportSecurity::use_sdes(const SdesSecurity& sdes) {
  plain_ = false;
  install(outbound_, outbound_key_, sdes.send, srtp::Direction::Outbound);
  if (sdes.receive) install(inbound_, inbound_key_, *sdes.receive, srtp::Direction::Inbound);
}

void TransportSecurity::use_keys(const srtp::KeyMaterial& send, const srtp::KeyMaterial& receive) {
  plain_ = false;
  install(outbound_, outbound_key_, send, srtp::Direction::Outbound);
  install(inbound_, inbound_key_, receive, srtp::Direction::Inbound);
}

void TransportSecurity::install(Keyed& session, std::optional<srtp::KeyMaterial>& current, const srtp::KeyMaterial& key,
                                srtp::Direction direction) {
  if (session && current == key) return;
  auto made = srtp::SrtpSession::create(key, direction);
  if (!made) {  // keys of a wrong length never get here: the SDP was refused
    session.reset();
    current.reset();
    return;
  }
  session.emplace(std::move(*made));
  current = key;
}

TransportSecurity::Verdict TransportSecurity::unprotect_rtp(packet::PacketBuffer& packet) noexcept {
  return unprotect(packet, &srtp::SrtpSession::unprotect_rtp, DropReason::MalformedRtp);
}

TransportSecurity::Verdict TransportSecurity::unprotect_rtcp(packet::PacketBuffer& packet) noexcept {
  return unprotect(packet, &srtp::SrtpSession::unprotect_rtcp, DropReason::MalformedRtcp);
}

TransportSecurity::Verdict TransportSecurity::unprotect(packet::PacketBuffer& packet, Operation operation,
                                                        DropReason malformed) noexcept {
  if (plain_) return Trust::Plain;
  if (!inbound_) return Err{DropReason::NotKeyed};
  const auto opened = ((*inbound_).*operation)(packet);
  if (!opened) return Err{reason_of(opened.error(), malformed)};
  return Trust::Authenticated;
}

TransportSecurity::Outcome TransportSecurity::protect_rtp(packet::PacketBuffer& packet) noexcept {
  return protect(packet, &srtp::SrtpSession::protect_rtp);
}

TransportSecurity::Outcome TransportSecurity::protect_rtcp(packet::PacketBuffer& packet) noexcept {
  return protect(packet, &srtp::SrtpSession::protect_rtcp);
}

TransportSecurity::Outcome TransportSecurity::protect(packet::PacketBuffer& packet, Operation operation) noexcept {
  if (plain_) return {};
  if (!outbound_) return Err{DropReason::ReceiverNotKeyed};
  if (!((*outbound_).*operation)(packet)) return Err{DropReason::ReceiverSrtp};
  return {};
}

std::string_view TransportSecurity::description() const noexcept {
  if (plain_) return "plain";
  return outbound_ ? srtp::facts_of(outbound_->suite()).sdes_name : "pending";
}

}  // namespace relay::session
