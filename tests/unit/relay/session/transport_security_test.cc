#include "relay/session/transport_security.h"

#include <catch2/catch.hpp>

#include "relay/rtcp/compound_writer.h"
#include "relay/rtp/packet_writer.h"
#include "relay/srtp/key_material.h"

using namespace relay;
using namespace relay::session;
using Trust = TransportSecurity::Trust;

namespace {

constexpr srtp::Suite kSuite = srtp::Suite::AesCm128HmacSha1_80;
const common::Bytes kVoice(160, std::uint8_t{0x55});

packet::PacketBuffer rtp_packet(std::uint16_t sequence = 1) {
  packet::PacketBuffer packet;
  REQUIRE(rtp::write_packet(packet, {0, false, sequence, 160, {99}}, kVoice));
  return packet;
}
packet::PacketBuffer rtcp_packet() {
  packet::PacketBuffer packet;
  rtcp::CompoundWriter writer(packet);
  REQUIRE(writer.receiver_report({99}, {}));
  REQUIRE(writer.source_description({99}, "cname"));
  return packet;
}
common::Bytes bytes_of(const packet::PacketBuffer& packet) { return {packet.data(), packet.data() + packet.size()}; }

/// Our leg's security, and the peer's keys.
struct Scene {
  packet::PacketBuffer from_peer(std::uint16_t sequence = 1) {
    packet::PacketBuffer packet = rtp_packet(sequence);
    REQUIRE(peer.protect_rtp(packet));
    return packet;
  }

  common::crypto::SeededRandom random{3711};
  srtp::KeyMaterial ours = srtp::generate_key(kSuite, random);
  srtp::KeyMaterial theirs = srtp::generate_key(kSuite, random);
  srtp::SrtpSession peer = std::move(*srtp::SrtpSession::create(theirs, srtp::Direction::Outbound));
  srtp::SrtpSession peer_in = std::move(*srtp::SrtpSession::create(ours, srtp::Direction::Inbound));
  TransportSecurity security;
};

}  // namespace

TEST_CASE("plain media passes both ways as it is, and nothing vouches for it", "[security]") {
  TransportSecurity security;
  CHECK(security.description() == "plain");
  packet::PacketBuffer packet = rtp_packet();
  const common::Bytes before = bytes_of(packet);
  CHECK(security.unprotect_rtp(packet) == Trust::Plain);
  CHECK(security.protect_rtp(packet));
  CHECK(bytes_of(packet) == before);
  packet::PacketBuffer control = rtcp_packet();
  CHECK(security.unprotect_rtcp(control) == Trust::Plain);
  CHECK(security.protect_rtcp(control));
}

TEST_CASE("until keys are there nothing passes in either direction", "[security]") {
  TransportSecurity security;
  security.await_keys();
  CHECK(security.description() == "pending");
  packet::PacketBuffer packet = rtp_packet();
  CHECK(security.unprotect_rtp(packet).error() == DropReason::NotKeyed);
  CHECK(security.protect_rtp(packet).error() == DropReason::ReceiverNotKeyed);
  packet::PacketBuffer control = rtcp_packet();
  CHECK(security.unprotect_rtcp(control).error() == DropReason::NotKeyed);
  CHECK(security.protect_rtcp(control).error() == DropReason::ReceiverNotKeyed);
}

TEST_CASE("with keys, what the peer protects is authenticated and what we protect the peer can read", "[security]") {
  Scene scene;
  const bool sdes = GENERATE(true, false);
  if (sdes) {
    scene.security.use_sdes({scene.ours, scene.theirs});
  } else {
    scene.security.use_keys(scene.ours, scene.theirs);
  }
  CHECK(scene.security.description() == "AES_CM_128_HMAC_SHA1_80");
  packet::PacketBuffer in = scene.from_peer();
  CHECK(scene.security.unprotect_rtp(in) == Trust::Authenticated);
  CHECK(bytes_of(in) == bytes_of(rtp_packet()));
  packet::PacketBuffer out = rtp_packet();
  REQUIRE(scene.security.protect_rtp(out));
  CHECK(bytes_of(out) != bytes_of(rtp_packet()));
  REQUIRE(scene.peer_in.unprotect_rtp(out));
  CHECK(bytes_of(out) == bytes_of(rtp_packet()));
  packet::PacketBuffer control = rtcp_packet();
  REQUIRE(scene.security.protect_rtcp(control));
  REQUIRE(scene.peer_in.unprotect_rtcp(control));
  CHECK(bytes_of(control) == bytes_of(rtcp_packet()));
  REQUIRE(scene.peer.protect_rtcp(control));
  CHECK(scene.security.unprotect_rtcp(control) == Trust::Authenticated);
}

TEST_CASE("a peer that has not named its key yet can be sent to and not heard", "[security][rfc4568]") {
  Scene scene;
  scene.security.use_sdes({scene.ours, std::nullopt});
  packet::PacketBuffer out = rtp_packet();
  CHECK(scene.security.protect_rtp(out));
  packet::PacketBuffer in = scene.from_peer();
  CHECK(scene.security.unprotect_rtp(in).error() == DropReason::NotKeyed);
  scene.security.use_sdes({scene.ours, scene.theirs});
  in = scene.from_peer(2);
  CHECK(scene.security.unprotect_rtp(in));
}

TEST_CASE("a re-offer that does not name the peer's key leaves the one that is known", "[security][rfc4568]") {
  Scene scene;
  scene.security.use_sdes({scene.ours, scene.theirs});
  scene.security.use_sdes({scene.ours, std::nullopt});
  packet::PacketBuffer in = scene.from_peer();
  CHECK(scene.security.unprotect_rtp(in));
}

TEST_CASE("the same keys again keep the rollover counter and the replay window", "[security][rfc3711]") {
  Scene scene;
  scene.security.use_keys(scene.ours, scene.theirs);
  for (const std::uint16_t sequence : std::initializer_list<std::uint16_t>{65534, 65535, 0}) {
    packet::PacketBuffer in = scene.from_peer(sequence);
    REQUIRE(scene.security.unprotect_rtp(in));
  }
  scene.security.use_keys(scene.ours, scene.theirs);
  packet::PacketBuffer next = scene.from_peer(1);
  packet::PacketBuffer again = next;
  CHECK(scene.security.unprotect_rtp(next));  // under rollover counter 1
  CHECK(scene.security.unprotect_rtp(again).error() == DropReason::Replayed);
}

TEST_CASE("new keys take the place of old ones", "[security]") {
  Scene scene;
  scene.security.use_keys(scene.ours, scene.theirs);
  packet::PacketBuffer before = scene.from_peer();
  const srtp::KeyMaterial other = srtp::generate_key(srtp::Suite::AeadAes128Gcm, scene.random);
  scene.security.use_keys(other, other);
  CHECK(scene.security.description() == "AEAD_AES_128_GCM");
  CHECK(scene.security.unprotect_rtp(before).error() == DropReason::Unauthenticated);
}

TEST_CASE("going back to plain, or to waiting, forgets the keys", "[security]") {
  Scene scene;
  scene.security.use_keys(scene.ours, scene.theirs);
  scene.security.await_keys();
  packet::PacketBuffer packet = scene.from_peer();
  CHECK(scene.security.unprotect_rtp(packet).error() == DropReason::NotKeyed);
  scene.security.use_keys(scene.ours, scene.theirs);
  scene.security.use_plain();
  CHECK(scene.security.description() == "plain");
  packet = rtp_packet();
  CHECK(scene.security.unprotect_rtp(packet) == Trust::Plain);
}

TEST_CASE("each way a packet can fail has its reason", "[security]") {
  Scene scene;
  scene.security.use_keys(scene.ours, scene.theirs);
  packet::PacketBuffer plain = rtp_packet();
  CHECK(scene.security.unprotect_rtp(plain).error() == DropReason::Unauthenticated);
  packet::PacketBuffer noise;
  noise.assign(common::Bytes{1, 2, 3});
  CHECK(scene.security.unprotect_rtp(noise).error() == DropReason::MalformedRtp);
  CHECK(scene.security.unprotect_rtcp(noise).error() == DropReason::MalformedRtcp);
  CHECK(scene.security.protect_rtp(noise).error() == DropReason::ReceiverSrtp);
}

TEST_CASE("a key that does not suit its suite protects nothing and reveals nothing", "[security]") {
  Scene scene;
  scene.security.use_keys({kSuite, common::Bytes(3)}, {kSuite, common::Bytes(3)});
  packet::PacketBuffer packet = rtp_packet();
  CHECK(scene.security.protect_rtp(packet).error() == DropReason::ReceiverNotKeyed);
  CHECK(scene.security.unprotect_rtp(packet).error() == DropReason::NotKeyed);
  CHECK(scene.security.description() == "pending");
}
