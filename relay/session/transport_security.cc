#include "relay/session/transport_security.h"

namespace relay::session {

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
  if (plain_) return Verdict::Plain;
  return inbound_ && inbound_->unprotect_rtp(packet) ? Verdict::Authenticated : Verdict::Refused;
}

TransportSecurity::Verdict TransportSecurity::unprotect_rtcp(packet::PacketBuffer& packet) noexcept {
  if (plain_) return Verdict::Plain;
  return inbound_ && inbound_->unprotect_rtcp(packet) ? Verdict::Authenticated : Verdict::Refused;
}

bool TransportSecurity::protect_rtp(packet::PacketBuffer& packet) noexcept {
  return plain_ || (outbound_ && outbound_->protect_rtp(packet));
}

bool TransportSecurity::protect_rtcp(packet::PacketBuffer& packet) noexcept {
  return plain_ || (outbound_ && outbound_->protect_rtcp(packet));
}

std::string_view TransportSecurity::description() const noexcept {
  if (plain_) return "plain";
  return outbound_ ? srtp::facts_of(outbound_->suite()).sdes_name : "pending";
}

}  // namespace relay::session
