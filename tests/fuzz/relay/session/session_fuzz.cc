#include "relay/session/session.h"

#include <algorithm>
#include <map>

#include "common/base/invariant.h"
#include "common/crypto/random.h"
#include "relay/dtls/certificate.h"
#include "relay/packet/demux.h"
#include "relay/srtp/key_material.h"

using namespace relay;
using namespace relay::session;

namespace {

constexpr LegId kNear{1};
constexpr LegId kFar{2};

common::SocketAddress host(std::uint8_t number, std::uint16_t port) {
  return {common::IpAddress::v4({192, 0, 2, number}), common::Port{port}};
}

std::shared_ptr<const dtls::Certificate> certificate() {
  static const auto shared = [] {
    common::crypto::SystemRandom random;
    return dtls::Certificate::make(random, common::WallTime{std::chrono::hours{490'000}});
  }();
  return shared;
}

class Ports final : public PortOpener, public packet::PacketSink {
 public:
  std::uint32_t open_port(common::Fd) override { return last_++; }
  void own_port(std::uint32_t handle, Leg& leg, PortRole role) override { owners_[handle] = {&leg, role}; }
  void close_port(std::uint32_t handle) override { owners_.erase(handle); }

  void send(packet::PacketBuffer& packet) override {
    const auto owner = owners_.find(packet.port_handle);
    INVARIANT(owner != owners_.end(), "packets leave by open ports");
    INVARIANT(
        packet.size() > 0 && packet.size() <= packet::PacketBuffer::kMaxDatagram + packet::PacketBuffer::kTailroom,
        "what leaves fits its buffer");
    if (owner->second.first->id() == kFar && packet::classify(packet.span()) != packet::DatagramKind::Stun) ++to_far_;
  }

  void arrive(std::uint32_t handle, packet::PacketBuffer& packet, common::Instant now) {
    const auto owner = owners_.find(handle);
    if (owner != owners_.end()) owner->second.first->on_datagram(packet, owner->second.second, now);
  }
  std::uint64_t to_far() const noexcept { return to_far_; }

 private:
  std::uint32_t last_ = 0;
  std::uint64_t to_far_ = 0;
  std::map<std::uint32_t, std::pair<Leg*, PortRole>> owners_;
};

codec::Format format(std::uint8_t payload_type, codec::Kind kind, std::uint32_t clock_rate) {
  codec::Format format;
  format.payload_type = payload_type;
  format.kind = kind;
  format.clock_rate = clock_rate;
  format.channels = kind == codec::Kind::Opus ? 2 : 1;
  return format;
}

ice::Plan ice_plan(unsigned choice) {
  ice::Plan plan;
  plan.lite = (choice & 0x20) != 0;
  plan.local = {"aaaa", "VOkJxbRl1RmTxUk/WvJxBt"};
  plan.remote = ice::Credentials{"bbbb", "VOkJxbRl1RmTxUk/WvJxBt"};
  plan.local_candidates = {{"1", ice::Component::Rtp, 2130706431, host(1, 30000), ice::CandidateType::Host}};
  plan.remote_candidates = {{"1", ice::Component::Rtp, 2130706431, host(9, 7000), ice::CandidateType::Host}};
  return plan;
}

/// The near leg is plain, SDES or DTLS with ICE, by `choice`; the far one is plain.
SessionPlan plan_of(unsigned choice) {
  common::crypto::SeededRandom random(1);
  const auto secret = [&] { return srtp::generate_key(srtp::kSuites[choice >> 6 & 3].suite, random); };
  LegPlan near;
  near.id = kNear;
  near.rtp = {host(1, 30000), host(1, 30000), {}};
  near.remote_rtp = host(9, 7000);
  near.formats = {format(111, codec::Kind::Opus, 48000), format(0, codec::Kind::Pcmu, 8000)};
  near.rtcp_mux = (choice & 8) != 0;
  if (!near.rtcp_mux) near.rtcp = LocalPort{host(1, 30001), host(1, 30001), {}};
  if ((choice & 3) == 1) near.security = SdesSecurity{secret(), secret()};
  if ((choice & 3) >= 2) {
    near.security = DtlsSecurity{DtlsRole::Passive, certificate()->fingerprint(), certificate()};
    if ((choice & 3) == 3) near.ice = ice_plan(choice);
  }
  LegPlan far;
  far.id = kFar;
  far.rtp = {host(1, 30002), host(1, 30002), {}};
  far.rtcp = LocalPort{host(1, 30003), host(1, 30003), {}};
  far.remote_rtp = host(8, 8000);
  far.remote_rtcp = host(8, 8001);
  far.formats = {format(0, codec::Kind::Pcmu, 8000)};
  const auto opus = near.formats[0];
  const auto pcmu = near.formats[1];
  const auto event48 = format(110, codec::Kind::TelephoneEvent, 48000);
  const auto event8 = format(101, codec::Kind::TelephoneEvent, 8000);
  const bool transcodes = (choice & 16) != 0;
  PathPlan out{kNear,
               kFar,
               {{std::uint8_t{0}, Forward{0}}, {std::uint8_t{110}, MapEvent{event48, event8}}},
               !transcodes,
               {1, 2, 3}};
  PathPlan back{kFar,
                kNear,
                {{std::uint8_t{0}, Forward{0}}, {std::uint8_t{101}, MapEvent{event8, event48}}},
                !transcodes,
                {4, 5, 6}};
  if (transcodes) {
    out.payloads[0] = {std::uint8_t{111}, Transcode{opus, pcmu}};
    back.payloads[0].second = Transcode{pcmu, opus};
  }
  SessionPlan plan;
  plan.call_id = "fuzz";
  plan.cname = "cname";
  plan.legs.push_back(std::move(near));
  plan.legs.push_back(std::move(far));
  plan.paths = {out, back};
  return plan;
}

}  // namespace

/// First byte: kind of session. Then datagrams, each behind one byte of port, one of source and two of length; time
/// passes between them. Of what a leg with keys did not authenticate, nothing reaches the other leg.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  common::ByteReader reader({data, size});
  const unsigned choice = reader.u8();
  common::Instant now{std::chrono::seconds{1}};
  Ports ports;
  const rtcp::NtpClock clock(now, common::WallTime{std::chrono::hours{490'000}});
  common::crypto::SeededRandom random(1);
  Counters counters;
  Session session(SessionId{1}, ports, ports, counters, random, clock, now);
  session.apply(plan_of(choice), now);
  const std::uint32_t near_ports = (choice & 8) != 0 ? 1 : 2;
  packet::PacketBuffer packet;
  for (int count = 0; reader.remaining() > 4 && count < 200; ++count) {
    const std::uint32_t port = reader.u8() & 3;
    const std::uint8_t source = reader.u8();
    const std::size_t length = reader.u16();
    packet.assign(reader.bytes(std::min({length, reader.remaining(), packet::PacketBuffer::kMaxDatagram})));
    packet.remote = host(source & 15, static_cast<std::uint16_t>(7000 + (source >> 4) * 500));
    packet.port_handle = port;
    const std::uint64_t before = ports.to_far();
    ports.arrive(port, packet, now);
    INVARIANT(port >= near_ports || (choice & 3) == 0 || ports.to_far() == before, "without its key nothing passes");
    now += std::chrono::milliseconds{20};
    session.on_timeout(now);
  }
  INVARIANT(session.report(now).legs.size() == 2, "both legs are reported");
  session.end(now);
  return 0;
}
