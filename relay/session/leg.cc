#include "relay/session/leg.h"

#include <utility>

#include "common/base/overload.h"
#include "relay/packet/demux.h"
#include "relay/rtcp/compound_view.h"
#include "relay/rtcp/packet_views.h"

namespace relay::session {
namespace {

constexpr std::uint32_t kUnknownClockRate = 8000;

}  // namespace

Leg::Leg(LegPlan plan, LegPorts ports, packet::PacketSink& sink, rtcp::NtpClock clock, std::string_view cname,
         common::Instant now)
    : ports_(ports), sink_(sink), clock_(clock), reporter_(clock, std::string(cname)) {
  configure(std::move(plan), now);
}

void Leg::configure(LegPlan plan, common::Instant) {
  plan_ = std::move(plan);
  rtp_.latch.configure(plan_.latch, plan_.remote_rtp);
  rtcp_.latch.configure(plan_.latch, plan_.remote_rtcp);
  clock_rates_.fill(kUnknownClockRate);
  for (const codec::Format& format : plan_.formats) {
    if (format.clock_rate != 0) clock_rates_[format.payload_type & 0x7f] = format.clock_rate;
  }
  choose_security();
}

void Leg::choose_security() {
  std::visit(common::Overload{
                 [&](const PlainSecurity&) { security_.use_plain(); },
                 [&](const SdesSecurity& sdes) { security_.use_sdes(sdes); },
                 [&](const DtlsSecurity&) { security_.await_keys(); },
             },
             plan_.security);
}

void Leg::set_path(media::MediaPath* path, Leg* to) noexcept {
  path_ = path;
  to_ = to;
}

bool Leg::on_datagram(packet::PacketBuffer& packet, PortRole role, common::Instant now) noexcept {
  PortState& port = role == PortRole::Rtp ? rtp_ : rtcp_;
  ++port.received.packets;
  port.received.bytes += packet.size();
  port.last_packet = now;
  switch (packet::classify(packet.span())) {
    case packet::DatagramKind::Rtp:
      return on_rtp(packet, port, now);
    case packet::DatagramKind::Rtcp:
      on_rtcp(packet, port, now);
      return false;
    case packet::DatagramKind::Stun:
    case packet::DatagramKind::Dtls:
    case packet::DatagramKind::Unknown:
      ++port.received.errors;
      return false;
  }
  return false;
}

bool Leg::believe(PortState& port, const common::SocketAddress& source, TransportSecurity::Verdict verdict,
                  common::Instant now) noexcept {
  const auto evidence = verdict == TransportSecurity::Verdict::Authenticated ? SourceLatch::Evidence::Authenticated
                                                                             : SourceLatch::Evidence::None;
  return verdict != TransportSecurity::Verdict::Refused && port.latch.accept(source, evidence, now);
}

bool Leg::on_rtp(packet::PacketBuffer& packet, PortState& port, common::Instant now) noexcept {
  const std::size_t wire_size = packet.size();
  const auto verdict = security_.unprotect_rtp(packet);
  if (!believe(port, packet.remote, verdict, now)) {
    ++port.received.errors;
    return false;
  }
  const auto view = rtp::PacketView::parse(packet.span());
  if (!view) {
    ++port.received.errors;
    return false;
  }
  last_media_ = now;
  ingress_.on_packet(view->ssrc(), view->payload_type(), clock_rate_of(view->payload_type()), view->sequence(),
                     view->timestamp(), view->payload().size(), wire_size, now);
  if (path_ == nullptr || !plan_.receives) return false;
  path_->on_rtp(packet, *view, now);
  return path_->originates();
}

void Leg::on_rtcp(packet::PacketBuffer& packet, PortState& port, common::Instant now) noexcept {
  const auto verdict = security_.unprotect_rtcp(packet);
  if (!believe(port, packet.remote, verdict, now) || !rtcp::CompoundView::parse(packet.span())) {
    ++port.received.errors;
    return;
  }
  read_reports(packet, now);
  if (path_ != nullptr && to_ != nullptr && path_->plan().forward_rtcp) to_->send_rtcp(packet, now);
}

void Leg::read_reports(const packet::PacketBuffer& packet, common::Instant now) noexcept {
  auto compound = rtcp::CompoundView::parse(packet.span());
  while (const auto part = compound->next()) {
    const auto report = rtcp::ReportView::from(*part);
    if (!report) continue;
    if (report->is_sender_report()) ingress_.on_sender_report(report->sender(), report->sender_info().ntp, now);
    for (std::size_t i = 0; i < report->block_count(); ++i) {
      if (const auto trip = rtcp::round_trip(report->block(i), clock_.at(now))) ingress_.on_round_trip(*trip);
    }
  }
}

void Leg::send_rtp(packet::PacketBuffer& packet, common::Instant) {
  if (!plan_.sends || !security_.protect_rtp(packet)) return;
  transmit(packet, rtp_, ports_.rtp);
}

void Leg::send_rtcp(packet::PacketBuffer& packet, common::Instant) noexcept {
  if (!security_.protect_rtcp(packet)) return;
  if (plan_.rtcp_mux || !ports_.rtcp) return transmit(packet, rtp_, ports_.rtp);
  transmit(packet, rtcp_, *ports_.rtcp);
}

void Leg::transmit(packet::PacketBuffer& packet, PortState& port, std::uint32_t handle) noexcept {
  const auto& destination = port.latch.destination();
  if (!destination) return;
  packet.remote = *destination;
  packet.port_handle = handle;
  ++port.sent.packets;
  port.sent.bytes += packet.size();
  sink_.send(packet);
}

void Leg::say_goodbye(common::Instant now) noexcept {
  packet::PacketBuffer packet;
  if (reporter_.write_bye(packet, ingress_, now)) send_rtcp(packet, now);
}

std::optional<common::Instant> Leg::next_timeout() const noexcept { return reporter_.next_timeout(); }

void Leg::on_timeout(common::Instant now) noexcept {
  packet::PacketBuffer packet;
  if (reporter_.write_report(packet, ingress_, now)) send_rtcp(packet, now);
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
  report.security = security_.description();
  report.source_changes = rtp_.latch.changes() + rtcp_.latch.changes();
  return report;
}

}  // namespace relay::session
