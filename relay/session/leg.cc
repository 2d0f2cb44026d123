#include "relay/session/leg.h"

#include <algorithm>
#include <span>
#include <utility>

#include "common/base/overload.h"
#include "common/base/prefetch.h"
#include "relay/packet/demux.h"
#include "relay/rtcp/compound_view.h"
#include "relay/rtcp/compound_writer.h"
#include "relay/rtcp/packet_views.h"

namespace relay::session {
namespace {

constexpr std::uint32_t kUnknownClockRate = 8000;
/// Five packets missing: a source that still speaks is not at another port now.
constexpr auto kSilence = std::chrono::milliseconds{100};

/// Of a compound that has been parsed: its first packet is a report, or begins with an SSRC all the same.
rtp::Ssrc sender_of(const packet::PacketBuffer& packet) noexcept {
  return {packet.size() >= 8 ? common::load_be32(packet.data() + 4) : 0};
}

/// RFC 3550 §6.6 in the name of senders whose call has ended. Their CNAMEs are not ours to say, so there is no SDES.
bool write_goodbye_of(std::span<const rtp::Ssrc> sources, packet::PacketBuffer& packet) noexcept {
  if (sources.empty()) return false;
  rtcp::CompoundWriter writer(packet);
  return writer.receiver_report(sources.front(), {}) && writer.bye(sources);
}

}  // namespace

Leg::Leg(LegPlan plan, LegPorts ports, packet::PacketSink& sink, DropCounters& drops, common::crypto::Random& random,
         rtcp::NtpClock clock, std::string_view cname, common::Instant now)
    : ports_(ports),
      sink_(sink),
      clock_(clock),
      connectivity_(random),
      reporter_(clock, std::string(cname)),
      drops_(drops) {
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

TransportSecurity& Leg::security_of(PortRole role) noexcept {
  return connectivity_.has_own_keys(role) ? state_of(role).security : rtp_.security;
}

void Leg::set_path(media::MediaPath* path, Leg* to) noexcept {
  path_ = path;
  to_ = to;
}

void Leg::originate(media::MediaPath* path, common::Instant now) noexcept {
  originated_ = path;
  reporter_.speak_for(path == nullptr ? nullptr : &path->egress(), now);
}

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
      refuse(state_of(role), DropReason::UnknownProtocol);
      return false;
  }
  return false;
}

/// A ClientHello is taken from whom a connectivity check has proven, without ICE from the learnt address; then the
/// fingerprint decides.
void Leg::on_handshake(const packet::PacketBuffer& packet, PortRole role, common::Instant now) noexcept {
  PortState& port = state_of(role);
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
              state_of(selected.port).latch.pin(selected.remote);
              if (selected.port == PortRole::Rtp) unreachable_since_.reset();
            },
            [&](Connectivity::Unreachable& lost) {
              state_of(lost.port).latch.release();
              if (lost.port == PortRole::Rtp && !unreachable_since_) unreachable_since_ = now;
            },
            [&](Connectivity::Keyed& keyed) { state_of(keyed.port).security.use_keys(keyed.send, keyed.receive); },
            [&](Connectivity::Unkeyed& unkeyed) {
              state_of(unkeyed.port).security.await_keys();
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

/// `continues` says whether the packet goes on with a stream of the pinned source; asked only where that matters.
template <class Continues>
bool Leg::believe(PortRole role, const common::SocketAddress& source, TransportSecurity::Trust trust,
                  common::Instant now, Continues continues) noexcept {
  PortState& port = state_of(role);
  if (port.latch.is_pinned_to(source)) {
    port.last_believed = now;
    return true;
  }
  const bool authenticated = trust == TransportSecurity::Trust::Authenticated;
  if (connectivity_.uses_ice()) {  // where we send is for the checks to say, not for packets
    return authenticated || connectivity_.may_speak(role, source);
  }
  using Evidence = SourceLatch::Evidence;
  if (role == PortRole::Rtcp && rtp_.latch.pinned()) port.latch.follow(rtp_.latch.destination()->ip);
  const bool silent = now - port.last_believed >= kSilence;
  const Evidence of_plain = silent && continues() ? Evidence::SameStream : Evidence::None;
  if (!port.latch.accept(source, authenticated ? Evidence::Authenticated : of_plain, now)) return false;
  port.last_believed = now;
  return true;
}

bool Leg::on_rtp(packet::PacketBuffer& packet, PortRole role, common::Instant now) noexcept {
  PortState& port = state_of(role);
  const std::size_t wire_size = count_received(packet, port, now);
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
  PortState& port = state_of(role);
  count_received(packet, port, now);
  const auto trust = security_of(role).unprotect_rtcp(packet);
  if (!trust) return refuse(port, trust.error());
  if (!rtcp::CompoundView::parse(packet.span())) return refuse(port, DropReason::MalformedRtcp);
  if (!believe(role, packet.remote, *trust, now, [&] { return ingress_.knows(sender_of(packet)); })) {
    return refuse(port, DropReason::UnknownSource);
  }
  last_heard_ = now;
  read_reports(packet, now);
  if (path_ != nullptr && to_ != nullptr && path_->plan().forward_rtcp) to_->send_rtcp(packet, now);
}

/// Gives the size on the wire, before decryption.
std::size_t Leg::count_received(const packet::PacketBuffer& packet, PortState& port, common::Instant now) noexcept {
  ++port.received.packets;
  port.received.bytes += packet.size();
  port.last_packet = now;
  return packet.size();
}

void Leg::read_reports(const packet::PacketBuffer& packet, common::Instant now) noexcept {
  auto compound = rtcp::CompoundView::parse(packet.span());
  while (const auto part = compound->next()) {
    const auto report = rtcp::ReportView::from(*part);
    if (!report) continue;
    if (report->is_sender_report()) ingress_.on_sender_report(report->sender(), report->sender_info().ntp, now);
    for (std::size_t i = 0; i < report->block_count(); ++i) read_block(report->block(i), now);
  }
}

void Leg::read_block(const rtcp::ReportBlock& block, common::Instant now) noexcept {
  if (const auto trip = rtcp::round_trip(block, clock_.at(now))) ingress_.on_round_trip(*trip);
  const bool about_ours = originated_ != nullptr && originated_->egress().ssrc == block.ssrc.value;
  if (about_ours) originated_->on_loss_report(block.fraction_lost);
}

void Leg::send_rtp(packet::PacketBuffer& packet, common::Instant) {
  if (!plan_.sends) return drops_.count(DropReason::ReceiverOnHold);
  const rtp::Ssrc ssrc{common::load_be32(packet.data() + 8)};
  const auto protection = rtp_.security.protect_rtp(packet);
  if (!protection) return drops_.count(protection.error());
  forwarded_.on_packet(ssrc);
  transmit(packet, PortRole::Rtp);
}

void Leg::send_rtcp(packet::PacketBuffer& packet, common::Instant) noexcept {
  const PortRole role = plan_.rtcp_mux || !ports_.rtcp ? PortRole::Rtp : PortRole::Rtcp;
  const auto protection = security_of(role).protect_rtcp(packet);
  if (!protection) return drops_.count(protection.error());
  transmit(packet, role);
}

void Leg::transmit(packet::PacketBuffer& packet, PortRole role) noexcept {
  PortState& port = state_of(role);
  const auto& destination = port.latch.destination();
  if (!destination) return drops_.count(DropReason::ReceiverUnreachable);
  packet.remote = *destination;
  packet.port_handle = role == PortRole::Rtp ? ports_.rtp : *ports_.rtcp;
  ++port.sent.packets;
  port.sent.bytes += packet.size();
  sink_.send(packet);
}

void Leg::say_goodbye(common::Instant now) {
  packet::PacketBuffer packet;
  const bool leaving =
      reporter_.active() ? reporter_.write_bye(packet, ingress_, now) : write_goodbye_of(forwarded_.all(), packet);
  if (leaving) send_rtcp(packet, now);
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

PortReport Leg::report_port(const LocalPort& local, const PortState& port, common::Instant now) const {
  PortReport report;
  report.local = local.advertised;
  report.remote = port.latch.destination();
  report.pinned = port.latch.pinned();
  report.received = port.received;
  report.sent = port.sent;
  if (port.last_packet) {
    report.since_last_packet = std::chrono::duration_cast<std::chrono::seconds>(now - *port.last_packet);
  }
  return report;
}

LegReport Leg::report(common::Instant now) const {
  LegReport report;
  report.id = plan_.id;
  report.label = plan_.label;
  report.rtp = report_port(plan_.rtp, rtp_, now);
  if (plan_.rtcp) report.rtcp = report_port(*plan_.rtcp, rtcp_, now);
  ingress_.append_to(report.ingress);
  report.security = rtp_.security.description();
  report.dtls_connected = connectivity_.dtls_connected();
  report.ice_connected = connectivity_.ice_connected();
  report.source_changes = rtp_.latch.changes() + rtcp_.latch.changes();
  return report;
}

}  // namespace relay::session
