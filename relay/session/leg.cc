#include "relay/session/leg.h"

#include <algorithm>
#include <utility>

#include "common/base/prefetch.h"
#include "relay/packet/demux.h"
#include "relay/rtcp/compound_view.h"

namespace relay::session {
namespace {

constexpr std::uint32_t kUnknownClockRate = 8000;

/// Of a compound that has been parsed: its first packet is a report, or begins with an SSRC all the same.
rtp::Ssrc sender_of(const packet::PacketBuffer& packet) noexcept {
  return {packet.size() >= 8 ? common::load_be32(packet.data() + 4) : 0};
}

}  // namespace

Leg::Leg(LegPlan plan, LegPorts ports, packet::PacketSink& sink, DropCounters& drops, common::crypto::Random& random,
         rtcp::NtpClock clock, std::string_view cname, common::Instant now)
    : ports_(ports), sink_(sink), connectivity_(random), reporter_(clock, std::string(cname)), drops_(drops) {
  plan_ = std::move(plan);
  choose_security();
  configure_ports(now);
}

void Leg::configure(LegPlan plan, common::Instant now) {
  const bool same_kind = plan.security.index() == plan_.security.index();
  plan_ = std::move(plan);
  // Keys from DTLS outlive a new plan; Connectivity says when they are over.
  if (!same_kind || !std::holds_alternative<DtlsSecurity>(plan_.security)) choose_security();
  configure_ports(now);
}

/// With ICE only its checks say where the peer is; what SDP names is but a candidate.
void Leg::configure_ports(common::Instant now) {
  rtp_.latch.configure(plan_.latch, plan_.ice ? std::nullopt : plan_.remote_rtp);
  rtcp_.latch.configure(plan_.latch, plan_.ice ? std::nullopt : plan_.remote_rtcp);
  clock_rates_.fill(kUnknownClockRate);
  for (const codec::Format& format : plan_.formats) {
    if (format.clock_rate != 0) clock_rates_[format.payload_type & 0x7f] = format.clock_rate;
  }
  if (!plan_.ice) unreachable_since_.reset();
  connectivity_.configure(plan_, now);
  follow_connectivity(now);
}

TransportSecurity& Leg::security_of(PortRole role) noexcept {
  return connectivity_.has_own_keys(role) ? port_of(role).security : rtp_.security;
}

void Leg::set_path(media::MediaPath* path, Leg* to) noexcept {
  path_ = path;
  to_ = to;
}

void Leg::originate(media::MediaPath* path, common::Instant now) noexcept { reporter_.speak_for(path, now); }

void Leg::prefetch() const noexcept {
  common::prefetch(this, sizeof(void*));
  common::prefetch(&plan_.receives, sizeof plan_.receives + sizeof plan_.sends);
  common::prefetch(&ports_, sizeof ports_ + sizeof sink_);
  common::prefetch(&rtp_, sizeof rtp_);
  common::prefetch(static_cast<const void*>(&path_), 2 * sizeof(void*));  // and to_
  ingress_.prefetch();
  common::prefetch(clock_rates_.data(), 1);
  common::prefetch(&last_heard_, sizeof last_heard_);
}

void Leg::prefetch_far() const noexcept {
  if (path_ == nullptr || to_ == nullptr) return;
  path_->prefetch();
  common::prefetch(to_, sizeof(void*));
  common::prefetch(&to_->plan_.sends, sizeof to_->plan_.sends);
  common::prefetch(&to_->ports_, sizeof to_->ports_ + sizeof to_->sink_);
  common::prefetch(&to_->rtp_, sizeof to_->rtp_);
}

bool Leg::on_datagram(packet::PacketBuffer& packet, PortRole role, common::Instant now) noexcept {
  switch (packet::classify(packet.span())) {
    case packet::DatagramKind::Rtp:
      return on_rtp(packet, role, now);
    case packet::DatagramKind::Rtcp:
      on_rtcp(packet, role, now);
      return false;
    case packet::DatagramKind::Stun:
    case packet::DatagramKind::Dtls:
      on_handshake(packet, role, now);
      return true;
    case packet::DatagramKind::Unknown:
      refuse(port_of(role), DropReason::UnknownProtocol);
      return false;
  }
  return false;
}

/// `continues` says whether the packet goes on with a stream of the pinned source; asked only where that matters.
template <class Continues>
bool Leg::believe(PortRole role, const common::SocketAddress& source, TransportSecurity::Trust trust,
                  common::Instant now, Continues continues) noexcept {
  LegPort& port = port_of(role);
  if (port.goes_on(source, now)) return true;
  if (connectivity_.uses_ice()) {  // where we send is for the checks to say, not for packets
    return trust == TransportSecurity::Trust::Authenticated || connectivity_.may_speak(role, source);
  }
  if (role == PortRole::Rtcp && rtp_.latch.pinned()) port.latch.follow(rtp_.latch.destination()->ip);
  return port.believe(source, trust, now, continues);
}

bool Leg::on_rtp(packet::PacketBuffer& packet, PortRole role, common::Instant now) noexcept {
  LegPort& port = port_of(role);
  const std::size_t wire_size = packet.size();
  port.count_received(wire_size, now);
  if (role != PortRole::Rtp) {  // at RTCP's own port media would pass by what the media's port has learnt
    refuse(port, DropReason::RtpOnRtcpPort);
    return false;
  }
  const auto trust = security_of(role).unprotect_rtp(packet);
  if (!trust) {
    refuse(port, trust.error());
    return false;
  }
  const auto view = rtp::PacketView::parse(packet.span());
  if (!view) {
    refuse(port, DropReason::MalformedRtp);
    return false;
  }
  if (!believe(role, packet.remote, *trust, now, [&] { return ingress_.continues(view->ssrc(), view->sequence()); })) {
    refuse(port, DropReason::UnknownSource);
    return false;
  }
  last_heard_ = now;
  ingress_.on_packet(view->ssrc(), view->payload_type(), clock_rate_of(view->payload_type()), view->sequence(),
                     view->timestamp(), view->payload().size(), wire_size, now);
  if (path_ == nullptr || !plan_.receives) {
    drops_.count(DropReason::NotExpected);
    return false;
  }
  if (!path_->on_rtp(packet, *view, now)) refuse(port, DropReason::PayloadType);
  return path_->originates();
}

void Leg::on_rtcp(packet::PacketBuffer& packet, PortRole role, common::Instant now) noexcept {
  LegPort& port = port_of(role);
  port.count_received(packet.size(), now);
  const auto trust = security_of(role).unprotect_rtcp(packet);
  if (!trust) return refuse(port, trust.error());
  if (!rtcp::CompoundView::parse(packet.span())) return refuse(port, DropReason::MalformedRtcp);
  if (!believe(role, packet.remote, *trust, now, [&] { return ingress_.knows(sender_of(packet)); })) {
    return refuse(port, DropReason::UnknownSource);
  }
  last_heard_ = now;
  reporter_.read(packet.span(), ingress_, now);
  if (path_ != nullptr && to_ != nullptr && path_->plan().forward_rtcp) to_->send_rtcp(packet, now);
}

void Leg::send_rtp(packet::PacketBuffer& packet, common::Instant) {
  if (!plan_.sends) return drops_.count(DropReason::ReceiverOnHold);
  const rtp::Ssrc ssrc{common::load_be32(packet.data() + 8)};
  const auto protection = rtp_.security.protect_rtp(packet);
  if (!protection) return drops_.count(protection.error());
  reporter_.on_sent(ssrc);
  transmit(packet, PortRole::Rtp);
}

void Leg::send_rtcp(packet::PacketBuffer& packet, common::Instant) noexcept {
  const PortRole role = plan_.rtcp_mux || !ports_.rtcp ? PortRole::Rtp : PortRole::Rtcp;
  const auto protection = security_of(role).protect_rtcp(packet);
  if (!protection) return drops_.count(protection.error());
  transmit(packet, role);
}

void Leg::transmit(packet::PacketBuffer& packet, PortRole role) noexcept {
  LegPort& port = port_of(role);
  const auto& destination = port.latch.destination();
  if (!destination) return drops_.count(DropReason::ReceiverUnreachable);
  packet.remote = *destination;
  packet.port_handle = role == PortRole::Rtp ? ports_.rtp : *ports_.rtcp;
  port.count_sent(packet.size());
  sink_.send(packet);
}

void Leg::say_goodbye(common::Instant now) {
  packet::PacketBuffer packet;
  if (reporter_.write_bye(packet, ingress_, now)) send_rtcp(packet, now);
  connectivity_.close(now);
  follow_connectivity(now);
}

std::optional<common::Instant> Leg::next_timeout() const noexcept {
  const auto report = reporter_.next_timeout();
  const auto connectivity = connectivity_.next_timeout();
  if (!report || !connectivity) return report ? report : connectivity;
  return std::min(*report, *connectivity);
}

void Leg::on_timeout(common::Instant now) {
  packet::PacketBuffer packet;
  if (reporter_.write_report(packet, ingress_, now)) send_rtcp(packet, now);
  connectivity_.on_timeout(now);
  follow_connectivity(now);
}

LegReport Leg::report(common::Instant now) const {
  LegReport report;
  report.id = plan_.id;
  report.label = plan_.label;
  report.rtp = rtp_.report(plan_.rtp, now);
  if (plan_.rtcp) report.rtcp = rtcp_.report(*plan_.rtcp, now);
  ingress_.append_to(report.ingress);
  report.security = rtp_.security.description();
  report.dtls_connected = connectivity_.dtls_connected();
  report.ice_connected = connectivity_.ice_connected();
  report.source_changes = rtp_.latch.changes() + rtcp_.latch.changes();
  return report;
}

}  // namespace relay::session
