#include "tests/support/relay_party.h"

#include <algorithm>

#include "common/base/overload.h"
#include "relay/dtls/certificate.h"
#include "relay/dtls/fingerprint.h"
#include "relay/ice/candidate_text.h"
#include "relay/negotiation/remote_media.h"
#include "relay/packet/demux.h"
#include "relay/rtcp/packet_views.h"
#include "relay/rtp/packet_view.h"
#include "relay/rtp/packet_writer.h"
#include "relay/srtp/key_material.h"

namespace tests {

using namespace relay;

Party::Party(Traits its, common::crypto::Random& random, std::shared_ptr<const dtls::Certificate> certificate)
    : traits(std::move(its)),
      ssrc(random.u32()),
      next_sequence(static_cast<std::uint16_t>(random.u32())),
      random_(random),
      certificate_(std::move(certificate)),
      credentials_{random.ice_chars(8), random.ice_chars(24)} {
  if (traits.sdes) sdes_key_ = srtp::generate_key(*traits.sdes, random);
}

std::string Party::describe(bool offering) {
  offered_ = offering;
  const std::string host = traits.rtp.ip.to_string();
  const std::string protocol = !traits.protocol.empty()               ? traits.protocol
                               : traits.dtls                          ? "UDP/TLS/RTP/SAVPF"
                               : traits.sdes && !traits.opportunistic ? "RTP/SAVP"
                                                                      : "RTP/AVP";
  std::string text = "v=0\r\no=- 1 1 IN IP4 " + host + "\r\ns=-\r\nc=IN IP4 " + host + "\r\nt=0 0\r\nm=audio " +
                     std::to_string(traits.rtp.port.value) + ' ' + protocol + ' ' + traits.formats + "\r\n" +
                     traits.codecs + "a=" + direction + "\r\n" + extra;
  if (traits.rtcp_mux) text += "a=rtcp-mux\r\n";
  if (traits.ice) {
    text += "a=ice-ufrag:" + credentials_.ufrag + "\r\na=ice-pwd:" + credentials_.password + "\r\na=candidate:" +
            ice::format_candidate({"1", ice::Component::Rtp, 2113937151, traits.rtp, ice::CandidateType::Host}) +
            "\r\n";
  }
  if (traits.dtls) {
    text += "a=fingerprint:" + dtls::format_fingerprint(certificate_->fingerprint()) +
            "\r\na=setup:" + (offering ? "actpass" : "active") + "\r\n";
  }
  if (sdes_key_) {
    const std::uint32_t tag = remote.cryptos.empty() ? 1 : [&] {
      const auto same = std::ranges::find(remote.cryptos, *traits.sdes, [](const auto& c) { return c.key.suite; });
      return same == remote.cryptos.end() ? 1u : same->tag;
    }();
    text += "a=crypto:" + sdp::write_crypto({tag, *sdes_key_}) + "\r\n";
  }
  return text;
}

void Party::take(const std::string& sdp, common::Instant now) {
  remote = negotiation::read_remote_media(*sdp::parse(sdp), 0);
  if (traits.ice && remote.ice) {
    ice::Plan plan;
    plan.controlling = offered_;
    plan.tie_breaker = random_.u64();
    plan.local = credentials_;
    plan.remote = remote.ice;
    plan.remote_lite = remote.ice_lite;
    plan.local_candidates = {{"1", ice::Component::Rtp, 2113937151, traits.rtp, ice::CandidateType::Host}};
    plan.remote_candidates = remote.candidates;
    if (agent_) {
      agent_->update(std::move(plan), now);
    } else {
      agent_.emplace(std::move(plan), random_, now);
    }
  }
  if (traits.dtls && !dtls_) {
    const bool active = remote.setup == negotiation::Setup::Passive || remote.setup == negotiation::Setup::ActPass;
    dtls_.emplace(certificate_, active ? dtls::Role::Active : dtls::Role::Passive, remote.fingerprint);
    if (!traits.ice && active && remote.rtp) {
      dtls_remote_ = remote.rtp;
      dtls_->start(now);
    }
  }
  if (sdes_key_ && !remote.cryptos.empty()) {
    const auto theirs = std::ranges::find(remote.cryptos, *traits.sdes, [](const auto& c) { return c.key.suite; });
    if (theirs != remote.cryptos.end() && !inbound_) {
      inbound_.emplace(std::move(*srtp::SrtpSession::create(theirs->key, srtp::Direction::Inbound)));
      outbound_.emplace(std::move(*srtp::SrtpSession::create(*sdes_key_, srtp::Direction::Outbound)));
    }
  }
  collect(now);
}

std::optional<common::SocketAddress> Party::destination() const {
  return agent_ ? agent_->selected(ice::Component::Rtp) : remote.rtp;
}

bool Party::ready() const { return destination().has_value() && (outbound_ || (!traits.dtls && !traits.sdes)); }

bool Party::send(std::uint8_t payload_type, std::uint32_t timestamp, common::ByteSpan payload, common::Instant,
                 bool marker) {
  if (!ready() || silent) return false;
  packet::PacketBuffer packet;
  const bool fits = rtp::write_packet(packet, {payload_type, marker, next_sequence++, timestamp, {ssrc}}, payload);
  if (!fits || (outbound_ && !outbound_->protect_rtp(packet))) return false;
  const auto bytes = packet.span();
  post(traits.rtp, *destination(), {bytes.begin(), bytes.end()});
  return true;
}

void Party::send_rtcp(common::ByteSpan compound, common::Instant) {
  packet::PacketBuffer packet;
  packet.assign(compound);
  if (outbound_ && !outbound_->protect_rtcp(packet)) return;
  const auto bytes = packet.span();
  const bool shared = traits.rtcp_mux && remote.rtcp_mux;
  if (shared) return post(traits.rtp, *destination(), {bytes.begin(), bytes.end()});
  post(rtcp(), *remote.rtcp, {bytes.begin(), bytes.end()});
}

void Party::post(const common::SocketAddress& from, const common::SocketAddress& to, common::Bytes bytes) {
  if (!silent) outbox.emplace_back(Route{from, to}, std::move(bytes));
}

void Party::on_datagram(const common::SocketAddress&, const common::SocketAddress& from, common::ByteSpan datagram,
                        common::Instant now) {
  if (silent) return;
  switch (packet::classify(datagram)) {
    case packet::DatagramKind::Stun:
      if (agent_) agent_->on_datagram(datagram, ice::Component::Rtp, from, now);
      break;
    case packet::DatagramKind::Dtls:
      dtls_remote_ = from;
      if (dtls_) dtls_->on_datagram(datagram, now);
      break;
    case packet::DatagramKind::Rtp:
      hear(datagram, now);
      break;
    case packet::DatagramKind::Rtcp:
      hear_rtcp(datagram);
      break;
    case packet::DatagramKind::Unknown:
      ++unreadable;
  }
  collect(now);
}

void Party::hear(common::ByteSpan datagram, common::Instant now) {
  packet::PacketBuffer packet;
  packet.assign(datagram);
  const bool encrypted = traits.dtls || traits.sdes;
  const bool good = !encrypted || (inbound_ && inbound_->unprotect_rtp(packet));
  const auto view = good ? rtp::PacketView::parse(packet.span()) : common::Err{rtp::ParseError::Truncated};
  if (!view) {
    ++unreadable;
    return;
  }
  const auto payload = view->payload();
  heard.push_back({view->payload_type(), view->marker(), view->sequence(), view->timestamp(), view->ssrc().value,
                   common::Bytes(payload.begin(), payload.end()), now});
}

void Party::hear_rtcp(common::ByteSpan datagram) {
  packet::PacketBuffer packet;
  packet.assign(datagram);
  const bool encrypted = traits.dtls || traits.sdes;
  auto compound = !encrypted || (inbound_ && inbound_->unprotect_rtcp(packet))
                      ? rtcp::CompoundView::parse(packet.span())
                      : common::Err{rtcp::ParseError::Truncated};
  if (!compound) {
    ++unreadable;
    return;
  }
  const auto bytes = packet.span();
  heard_rtcp.emplace_back(bytes.begin(), bytes.end());
  while (const auto part = compound->next()) {
    if (const auto bye = rtcp::ByeView::from(*part)) {
      for (std::size_t i = 0; i < bye->source_count(); ++i) goodbyes.push_back(bye->source(i).value);
    }
  }
}

void Party::on_timeout(common::Instant now) {
  if (silent) return;
  if (agent_) agent_->on_timeout(now);
  if (dtls_) dtls_->on_timeout(now);
  collect(now);
}

std::optional<common::Instant> Party::next_timeout() const {
  if (silent) return std::nullopt;
  std::optional<common::Instant> earliest = agent_ ? agent_->next_timeout() : std::nullopt;
  const auto dtls = dtls_ ? dtls_->next_timeout() : std::nullopt;
  if (dtls && (!earliest || *dtls < *earliest)) earliest = dtls;
  return earliest;
}

void Party::collect(common::Instant now) {
  while (auto output = agent_ ? agent_->poll_output() : std::nullopt) {
    std::visit(common::Overload{
                   [&](ice::Send& o) { post(traits.rtp, o.remote, std::move(o.bytes)); },
                   [&](ice::Selected& o) {
                     dtls_remote_ = o.remote;
                     if (dtls_) dtls_->start(now);
                   },
                   [](ice::ConsentLost&) {},
                   [](ice::Failed&) {},
               },
               *output);
  }
  while (auto output = dtls_ ? dtls_->poll_output() : std::nullopt) {
    std::visit(common::Overload{
                   [&](dtls::Send& o) { post(traits.rtp, *dtls_remote_, std::move(o.datagram)); },
                   [&](dtls::SrtpKeys& o) {
                     inbound_.emplace(std::move(*srtp::SrtpSession::create(o.remote, srtp::Direction::Inbound)));
                     outbound_.emplace(std::move(*srtp::SrtpSession::create(o.local, srtp::Direction::Outbound)));
                   },
                   [&](dtls::Closed&) { dtls_closed = true; },
                   [&](dtls::Failed& o) { dtls_failure = o.why; },
               },
               *output);
  }
}

}  // namespace tests
