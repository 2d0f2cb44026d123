#include "relay/session/leg.h"

#include <catch2/catch.hpp>

#include "common/time/manual_clock.h"
#include "relay/dtls/certificate.h"
#include "relay/rtp/packet_writer.h"
#include "relay/srtp/key_material.h"

using namespace relay;
using namespace relay::session;
using common::SocketAddress;

namespace {

const SocketAddress kPhone = *SocketAddress::parse("198.51.100.7:4000");
const SocketAddress kTrunk = *SocketAddress::parse("198.51.100.8:5000");
const SocketAddress kIntruder = *SocketAddress::parse("203.0.113.66:6666");
const codec::Format kPcmu{.payload_type = 0, .kind = codec::Kind::Pcmu};

struct Wire final : packet::PacketSink {
  void send(packet::PacketBuffer& packet) override { sent.emplace_back(packet.data(), packet.data() + packet.size()); }
  std::vector<common::Bytes> sent;
};

LegPlan plan_of(std::uint32_t id, const SocketAddress& peer, Security security = PlainSecurity{}) {
  LegPlan plan;
  plan.id = {id};
  plan.rtcp.emplace();
  plan.remote_rtp = peer;
  plan.remote_rtcp = SocketAddress{peer.ip, {static_cast<std::uint16_t>(peer.port.value + 1)}};
  plan.security = std::move(security);
  plan.formats = {kPcmu};
  return plan;
}

/// A phone's leg and the trunk's, with PCMU from the one to the other.
struct Scene {
  explicit Scene(Security of_phone = PlainSecurity{}, LegPlan trunk = plan_of(2, kTrunk))
      : phone_leg(plan_of(1, kPhone, std::move(of_phone)), {1, 2}, wire, drops, random, ntp, "cname", clock.now()),
        trunk_leg(std::move(trunk), {3, 4}, wire, drops, random, ntp, "cname", clock.now()),
        path({.from = {1}, .to = {2}, .payloads = {{0, Forward{0}}}, .own_stream = {}}, trunk_leg, transcoding) {
    phone_leg.set_path(&path, &trunk_leg);
  }

  void receive(common::ByteSpan datagram, const SocketAddress& from = kPhone, PortRole role = PortRole::Rtp) {
    packet::PacketBuffer packet;
    packet.assign(datagram);
    packet.remote = from;
    phone_leg.on_datagram(packet, role, clock.now());
  }
  void receive(const packet::PacketBuffer& packet) { receive(packet.span()); }

  /// Of all reasons together.
  std::uint64_t dropped() const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kDropReasons.size(); ++i) sum += drops.of(static_cast<DropReason>(i));
    return sum;
  }
  /// That one packet was dropped, for this reason.
  bool dropped_only_for(DropReason reason) const {
    return drops.of(reason) == 1 && dropped() == 1 && wire.sent.empty();
  }

  common::ManualClock clock;
  common::crypto::SeededRandom random{7};
  rtcp::NtpClock ntp{clock.now(), common::WallTime{}};
  Wire wire;
  DropCounters drops;
  codec::TranscoderStatistics transcoding;
  Leg phone_leg;
  Leg trunk_leg;
  media::MediaPath path;
};

packet::PacketBuffer voice(std::uint16_t sequence = 1, std::uint8_t payload_type = 0) {
  packet::PacketBuffer packet;
  REQUIRE(rtp::write_packet(packet, {payload_type, false, sequence, 160u * sequence, {99}}, common::Bytes(160, 0x55)));
  return packet;
}

const common::Bytes kStun{0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
const common::Bytes kDtls{22, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};

/// Keys of a phone with SDES: what it protects, the leg opens.
struct Keys {
  common::crypto::SeededRandom random{3};
  srtp::KeyMaterial ours = srtp::generate_key(srtp::Suite::AesCm128HmacSha1_80, random);
  srtp::KeyMaterial theirs = srtp::generate_key(srtp::Suite::AesCm128HmacSha1_80, random);
  srtp::SrtpSession phone = std::move(*srtp::SrtpSession::create(theirs, srtp::Direction::Outbound));

  SdesSecurity security() const { return {ours, theirs}; }
  packet::PacketBuffer voice(std::uint16_t sequence = 1) {
    packet::PacketBuffer packet = ::voice(sequence);
    REQUIRE(phone.protect_rtp(packet));
    return packet;
  }
};

}  // namespace

TEST_CASE("what passes through a leg is not counted as dropped", "[leg]") {
  Scene scene;
  for (std::uint16_t sequence = 1; sequence <= 3; ++sequence) scene.receive(voice(sequence));
  CHECK(scene.wire.sent.size() == 3);
  CHECK(scene.dropped() == 0);
}

TEST_CASE("a leg says why it does not take a packet", "[leg]") {
  Scene scene;
  SECTION("a datagram of no protocol it knows") {
    scene.receive(common::Bytes{77, 1, 2, 3});
    CHECK(scene.dropped_only_for(DropReason::UnknownProtocol));
  }
  SECTION("RTP with more padding than payload") {
    packet::PacketBuffer packet = voice();
    packet.data()[0] |= 0x20;
    packet.data()[packet.size() - 1] = 0xff;
    scene.receive(packet);
    CHECK(scene.dropped_only_for(DropReason::MalformedRtp));
  }
  SECTION("RTCP whose length lies") {
    scene.receive(common::Bytes{0x80, 200, 0, 99, 0, 0, 0, 1});
    CHECK(scene.dropped_only_for(DropReason::MalformedRtcp));
  }
  SECTION("RTP at RTCP's port") {
    scene.receive(voice().span(), kPhone, PortRole::Rtcp);
    CHECK(scene.dropped_only_for(DropReason::RtpOnRtcpPort));
  }
  SECTION("a connectivity check where ICE was not agreed") {
    scene.receive(kStun);
    CHECK(scene.dropped_only_for(DropReason::UnexpectedStun));
  }
  SECTION("DTLS where it was not agreed") {
    scene.receive(kDtls);
    CHECK(scene.dropped_only_for(DropReason::UnexpectedDtls));
  }
  SECTION("a third host's RTP") {
    scene.receive(voice(1));
    scene.wire.sent.clear();
    scene.receive(voice(2).span(), kIntruder);
    CHECK(scene.dropped_only_for(DropReason::UnknownSource));
  }
  SECTION("a payload type that the other side never offered") {
    scene.receive(voice(1, 8));
    CHECK(scene.dropped_only_for(DropReason::PayloadType));
  }
  SECTION("media before anybody has answered") {
    scene.phone_leg.set_path(nullptr, nullptr);
    scene.receive(voice());
    CHECK(scene.dropped_only_for(DropReason::NotExpected));
  }
}

TEST_CASE("a leg says why it does not take an SRTP packet", "[leg][srtp]") {
  Keys keys;
  SECTION("keys are not agreed yet") {
    Scene scene(SdesSecurity{keys.ours, std::nullopt});
    scene.receive(keys.voice());
    CHECK(scene.dropped_only_for(DropReason::NotKeyed));
  }
  SECTION("it is not authentic") {
    Scene scene(keys.security());
    scene.receive(voice());
    CHECK(scene.dropped_only_for(DropReason::Unauthenticated));
  }
  SECTION("it is a replay") {
    Scene scene(keys.security());
    const auto packet = keys.voice();
    scene.receive(packet);
    REQUIRE(scene.wire.sent.size() == 1);
    scene.wire.sent.clear();
    scene.receive(packet);
    CHECK(scene.dropped_only_for(DropReason::Replayed));
  }
  SECTION("it comes under one SSRC too many") {
    Scene scene(keys.security());
    for (std::uint32_t ssrc = 0; ssrc <= srtp::SrtpSession::kMaxSources; ++ssrc) {
      auto phone = srtp::SrtpSession::create(keys.theirs, srtp::Direction::Outbound);
      packet::PacketBuffer packet;
      REQUIRE(rtp::write_packet(packet, {0, false, 1, 160, {ssrc}}, common::Bytes(160, 0x55)));
      REQUIRE(phone->protect_rtp(packet));
      scene.receive(packet);
    }
    CHECK(scene.drops.of(DropReason::SrtpLimit) == 1);
    CHECK(scene.dropped() == 1);
  }
}

TEST_CASE("a leg says why it does not send a packet on", "[leg]") {
  LegPlan trunk = plan_of(2, kTrunk);
  SECTION("the receiver has asked for silence") {
    trunk.sends = false;
    Scene scene({}, std::move(trunk));
    scene.receive(voice());
    CHECK(scene.dropped_only_for(DropReason::ReceiverOnHold));
  }
  SECTION("the receiver's keys are not agreed yet") {
    common::crypto::SeededRandom random(4);
    trunk.security = DtlsSecurity{DtlsRole::Passive, std::nullopt, dtls::Certificate::make(random, common::WallTime{})};
    trunk.ice.emplace();
    Scene scene({}, std::move(trunk));
    scene.receive(voice());
    CHECK(scene.dropped_only_for(DropReason::ReceiverNotKeyed));
  }
  SECTION("nobody knows where the receiver is") {
    trunk.remote_rtp.reset();
    Scene scene({}, std::move(trunk));
    scene.receive(voice());
    CHECK(scene.dropped_only_for(DropReason::ReceiverUnreachable));
  }
  SECTION("GCM must not protect a repeated packet") {
    common::crypto::SeededRandom random(5);
    trunk.security = SdesSecurity{srtp::generate_key(srtp::Suite::AeadAes128Gcm, random), std::nullopt};
    Scene scene({}, std::move(trunk));
    scene.receive(voice(1));
    REQUIRE(scene.wire.sent.size() == 1);
    scene.wire.sent.clear();
    scene.receive(voice(1));
    CHECK(scene.dropped_only_for(DropReason::ReceiverSrtp));
  }
}
