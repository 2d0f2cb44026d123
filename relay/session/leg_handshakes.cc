// What a leg does besides media: ICE and DTLS go to Connectivity, and what comes of them is done here.
#include "common/base/overload.h"
#include "relay/packet/demux.h"
#include "relay/session/leg.h"

namespace relay::session {

void Leg::choose_security() {
  std::visit(common::Overload{
                 [&](const PlainSecurity&) { rtp_.security.use_plain(); },
                 [&](const SdesSecurity& sdes) { rtp_.security.use_sdes(sdes); },
                 [&](const DtlsSecurity&) {
                   rtp_.security.await_keys();
                   rtcp_.security.await_keys();
                 },
             },
             plan_.security);
}

/// A ClientHello is taken from whom a connectivity check has proven, without ICE from the learnt address; then the
/// fingerprint decides.
void Leg::on_handshake(const packet::PacketBuffer& packet, PortRole role, common::Instant now) noexcept {
  LegPort& port = port_of(role);
  if (packet::classify(packet.span()) == packet::DatagramKind::Stun) {
    if (!connectivity_.uses_ice()) refuse(port, DropReason::UnexpectedStun);
    connectivity_.on_stun(packet.span(), role, packet.remote, now);
  } else if (connectivity_.has_own_keys(role) &&
             (connectivity_.uses_ice() ? connectivity_.may_speak(role, packet.remote)
                                       : port.latch.accept(packet.remote, SourceLatch::Evidence::Handshake, now))) {
    connectivity_.on_dtls(packet.span(), role, packet.remote, now);
  } else {
    refuse(port, DropReason::UnexpectedDtls);
  }
  follow_connectivity(now);
}

void Leg::follow_connectivity(common::Instant now) {
  while (auto output = connectivity_.poll_output()) {
    std::visit(
        common::Overload{
            [&](Connectivity::Send& send) { send_raw(send.port, send.remote, send.datagram); },
            [&](Connectivity::Selected& selected) {
              port_of(selected.port).latch.pin(selected.remote);
              if (selected.port == PortRole::Rtp) unreachable_since_.reset();
            },
            [&](Connectivity::Unreachable& lost) {
              port_of(lost.port).latch.release();
              if (lost.port == PortRole::Rtp && !unreachable_since_) unreachable_since_ = now;
            },
            [&](Connectivity::Keyed& keyed) { port_of(keyed.port).security.use_keys(keyed.send, keyed.receive); },
            [&](Connectivity::Unkeyed& unkeyed) {
              port_of(unkeyed.port).security.await_keys();
              handshake_failed_ = handshake_failed_ || unkeyed.failed;
            },
        },
        *output);
  }
}

void Leg::send_raw(PortRole role, const common::SocketAddress& remote, common::ByteSpan datagram) {
  if (role == PortRole::Rtcp && !ports_.rtcp) return;
  packet::PacketBuffer packet;
  packet.assign(datagram);
  packet.remote = remote;
  packet.port_handle = role == PortRole::Rtp ? ports_.rtp : *ports_.rtcp;
  sink_.send(packet);
}

}  // namespace relay::session
