#include "benchmarks/system/relay_capacity/party.h"

#include <algorithm>
#include <stdexcept>

#include "common/base/overload.h"
#include "relay/packet/demux.h"
#include "relay/rtp/packet_view.h"
#include "relay/rtp/packet_writer.h"
#include "relay/srtp/key_material.h"

namespace benchmarks {

namespace dtls = relay::dtls;
namespace srtp = relay::srtp;

PartyCounters& PartyCounters::operator+=(const PartyCounters& other) noexcept {
  sent += other.sent;
  received += other.received;
  wrong += other.wrong;
  return *this;
}

Party::Party(const PartyKind& kind, MediaSocket& socket, const Speech& speech,
             const std::shared_ptr<const dtls::Certificate>& certificate, common::crypto::Random& random)
    : offer_{kind, socket.local(), {}, {}},
      socket_(socket),
      speech_(speech),
      certificate_(certificate),
      ssrc_(random.u32()),
      sequence_(static_cast<std::uint16_t>(random.u32() & 0x7fff)) {
  if (kind.protection == Protection::Sdes) offer_.crypto = {1, srtp::generate_key(kind.suite, random)};
  if (kind.protection == Protection::Dtls) offer_.fingerprint = certificate->fingerprint();
}

std::string Party::answer(const std::string& offer) {
  if (offer_.kind.protection == Protection::Dtls) throw std::runtime_error("a callee with DTLS is not written");
  relay_ = read_sdp(offer, offer_.kind);
  if (relay_.crypto) {
    offer_.crypto->tag = relay_.crypto->tag;
    take_keys(offer_.crypto->key, relay_.crypto->key);
  }
  return write_sdp(offer_);
}

void Party::on_answer(const std::string& answer, common::Instant now) {
  relay_ = read_sdp(answer, offer_.kind);
  if (relay_.crypto) take_keys(offer_.crypto->key, relay_.crypto->key);
  if (!relay_.fingerprint) return;
  dtls::TransportOptions options;
  options.suites = {offer_.kind.suite};
  dtls_.emplace(certificate_, relay_.role, relay_.fingerprint, options);
  dtls_->start(now);
  drain_dtls();
}

void Party::take_keys(const srtp::KeyMaterial& local, const srtp::KeyMaterial& remote) {
  auto outbound = srtp::SrtpSession::create(local, srtp::Direction::Outbound);
  auto inbound = srtp::SrtpSession::create(remote, srtp::Direction::Inbound);
  if (!outbound || !inbound) throw std::runtime_error("SRTP refuses the keys agreed upon");
  outbound_.emplace(std::move(*outbound));
  inbound_.emplace(std::move(*inbound));
}

bool Party::ready() const noexcept {
  return offer_.kind.protection == Protection::Plain || (outbound_.has_value() && inbound_.has_value());
}

void Party::drain_dtls() {
  while (auto output = dtls_->poll_output()) {
    std::visit(common::Overload{
                   [&](dtls::Send& send) {
                     relay::packet::PacketBuffer& packet = socket_.next();
                     packet.assign(send.datagram);
                     packet.remote = relay_.rtp;
                   },
                   [&](dtls::SrtpKeys& keys) { take_keys(keys.local, keys.remote); },
                   [](dtls::Closed&) {},
                   [](dtls::Failed&) { throw std::runtime_error("the DTLS handshake with the relay failed"); },
               },
               *output);
  }
  socket_.flush();
}

void Party::on_timeout(common::Instant now) {
  if (!dtls_ || !dtls_->next_timeout() || *dtls_->next_timeout() > now) return;
  dtls_->on_timeout(now);
  drain_dtls();
}

void Party::send() {
  const Codec codec = offer_.kind.codec;
  relay::packet::PacketBuffer& packet = socket_.next();
  const relay::rtp::Header header{payload_type_of(codec),
                                  frame_ == 0,
                                  sequence_,
                                  static_cast<std::uint32_t>(frame_ * ticks_per_packet(codec)),
                                  {ssrc_}};
  if (!relay::rtp::write_packet(packet, header, speech_.packet(codec, frame_)) ||
      (outbound_ && !outbound_->protect_rtp(packet))) {
    throw std::runtime_error("cannot make a packet");
  }
  packet.remote = relay_.rtp;
  ++sequence_;
  ++frame_;
  ++counters_.sent;
}

void Party::on_datagram(relay::packet::PacketBuffer& packet, common::Instant now) {
  switch (relay::packet::classify(packet.span())) {
    case relay::packet::DatagramKind::Rtp:
      return on_rtp(packet);
    case relay::packet::DatagramKind::Dtls:
      if (!dtls_) return;
      dtls_->on_datagram(packet.span(), now);
      return drain_dtls();
    case relay::packet::DatagramKind::Rtcp:  // the relay's own reports are welcome and not looked at
    case relay::packet::DatagramKind::Stun:
    case relay::packet::DatagramKind::Unknown:
      return;
  }
}

void Party::on_rtp(relay::packet::PacketBuffer& packet) {
  if (inbound_ && !inbound_->unprotect_rtp(packet)) {
    ++counters_.wrong;
    return;
  }
  const auto view = relay::rtp::PacketView::parse(packet.span());
  const Codec codec = offer_.kind.codec;
  if (!view || view->payload_type() != payload_type_of(codec)) {
    ++counters_.wrong;
    return;
  }
  const bool right = listener_ ? listener_->hear(view->payload())
                               : std::ranges::equal(view->payload(),
                                                    speech_.packet(codec, view->timestamp() / ticks_per_packet(codec)));
  ++(right ? counters_.received : counters_.wrong);
}

}  // namespace benchmarks
