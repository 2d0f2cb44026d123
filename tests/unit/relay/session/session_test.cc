#include "relay/session/session.h"

#include <catch2/catch.hpp>

#include <map>

#include "common/time/manual_clock.h"
#include "relay/rtcp/packet_views.h"
#include "relay/rtp/packet_writer.h"
#include "tests/unit/relay/session/dtls_peer.h"

using namespace relay;
using namespace relay::session;
using namespace std::chrono_literals;
using common::SocketAddress;

namespace {

const SocketAddress kPhone = *SocketAddress::parse("198.51.100.7:4000");
const SocketAddress kTrunk = *SocketAddress::parse("198.51.100.8:5000");
const codec::Format kPcmu{.payload_type = 0, .kind = codec::Kind::Pcmu};
const codec::Format kPcma{.payload_type = 8, .kind = codec::Kind::Pcma};
const codec::Format kOpus{.payload_type = 111, .kind = codec::Kind::Opus, .clock_rate = 48000, .channels = 2};

LegPlan leg(std::uint32_t id, const SocketAddress& peer) {
  LegPlan plan;
  plan.id = {id};
  plan.remote_rtp = peer;
  plan.formats = {kPcmu};
  return plan;
}
PathPlan path(std::uint32_t from, std::uint32_t to, PayloadAction action = Forward{0}) {
  return {.from = {from},
          .to = {to},
          .payloads = {{0, std::move(action)}},
          .own_stream = {.ssrc = 7, .first_sequence = 500, .first_timestamp = 0}};
}
/// A phone and a trunk that hear each other.
SessionPlan call() {
  SessionPlan plan;
  plan.cname = "cname";
  plan.legs.push_back(leg(1, kPhone));
  plan.legs.push_back(leg(2, kTrunk));
  plan.paths = {path(1, 2), path(2, 1)};
  return plan;
}

struct Ports final : PortOpener {
  struct Owned {
    Leg* leg;
    PortRole role;
  };
  std::uint32_t open_port(common::Fd) override { return next_++; }
  void own_port(std::uint32_t handle, Leg& leg, PortRole role) override { owned[handle] = {&leg, role}; }
  void close_port(std::uint32_t handle) override { CHECK(owned.erase(handle) == 1); }

  std::vector<std::uint32_t> open() const {
    std::vector<std::uint32_t> handles;
    for (const auto& [handle, owner] : owned) handles.push_back(handle);
    return handles;
  }
  std::map<std::uint32_t, Owned> owned;

 private:
  std::uint32_t next_ = 10;
};

struct Wire final : packet::PacketSink {
  void send(packet::PacketBuffer& packet) override {
    to.push_back(packet.remote);
    sent.emplace_back(packet.data(), packet.data() + packet.size());
  }
  std::vector<SocketAddress> to;
  std::vector<common::Bytes> sent;
};

struct Scene {
  explicit Scene(SessionPlan plan = call()) { session->apply(std::move(plan), clock.now()); }

  void receive(std::uint32_t handle, const SocketAddress& from, common::ByteSpan datagram) {
    packet::PacketBuffer packet;
    packet.assign(datagram);
    packet.remote = from;
    const Ports::Owned owner = ports.owned.at(handle);
    owner.leg->on_datagram(packet, owner.role, clock.now());
  }
  void talk(std::uint32_t handle, const SocketAddress& from, std::uint32_t ssrc = 99) {
    packet::PacketBuffer packet;
    const std::uint16_t sequence = next_sequence++;
    REQUIRE(rtp::write_packet(packet, {0, false, sequence, 160u * sequence, {ssrc}}, payload));
    receive(handle, from, packet.span());
  }
  /// How the call ends within `limit` if nothing more happens, and when.
  std::optional<EndCause> end_within(common::Duration limit) {
    const common::Instant end = clock.now() + limit;
    for (auto next = session->next_timeout(); next && *next <= end; next = session->next_timeout()) {
      clock.advance_to(*next);
      session->on_timeout(clock.now());
      if (const auto failure = session->poll_failure()) return failure->first;
    }
    clock.advance_to(end);
    return std::nullopt;
  }

  common::ManualClock clock;
  Ports ports;
  Wire wire;
  Counters counters;
  common::crypto::SeededRandom random{1};
  std::optional<Session> session{
      std::in_place, SessionId{5}, ports, wire, counters, random, rtcp::NtpClock{clock.now(), common::WallTime{}},
      clock.now()};
  std::uint16_t next_sequence = 1;
  common::Bytes payload = common::Bytes(160, std::uint8_t{0x55});
};

std::uint16_t sequence_of(const common::Bytes& packet) { return rtp::PacketView::parse(packet)->sequence(); }

}  // namespace

TEST_CASE("a plan opens a port for each leg, and one for RTCP where it has its own", "[session]") {
  SessionPlan plan = call();
  plan.legs[1].rtcp.emplace();
  const Scene scene(std::move(plan));
  REQUIRE(scene.ports.open() == std::vector<std::uint32_t>{10, 11, 12});
  CHECK(scene.ports.owned.at(10).leg->id() == LegId{1});
  CHECK(scene.ports.owned.at(11).leg->id() == LegId{2});
  CHECK(scene.ports.owned.at(11).role == PortRole::Rtp);
  CHECK(scene.ports.owned.at(12).leg->id() == LegId{2});
  CHECK(scene.ports.owned.at(12).role == PortRole::Rtcp);
}

TEST_CASE("media flows along the paths of the plan", "[session]") {
  Scene scene;
  scene.talk(10, kPhone);
  scene.talk(11, kTrunk);
  CHECK(scene.wire.to == std::vector<SocketAddress>{kTrunk, kPhone});
}

TEST_CASE("a leg that stays keeps its ports and figures under its new plan", "[session]") {
  Scene scene;
  scene.talk(10, kPhone);
  SessionPlan next = call();
  const SocketAddress moved = *SocketAddress::parse("198.51.100.8:5500");
  next.legs[1].remote_rtp = moved;
  scene.session->apply(std::move(next), scene.clock.now());
  CHECK(scene.ports.open() == std::vector<std::uint32_t>{10, 11});
  CHECK(scene.session->report(scene.clock.now()).legs.at(0).rtp.received.packets == 1);
  scene.talk(10, kPhone);
  CHECK(scene.wire.to.back() == moved);
}

TEST_CASE("a leg that a plan leaves out is closed with its paths, a new one opened", "[session]") {
  Scene scene;
  SessionPlan next;
  next.legs.push_back(leg(1, kPhone));
  next.legs.push_back(leg(3, *SocketAddress::parse("198.51.100.9:6000")));
  next.paths = {path(1, 3)};
  scene.session->apply(std::move(next), scene.clock.now());
  CHECK(scene.ports.open() == std::vector<std::uint32_t>{10, 12});
  scene.wire.to.clear();
  scene.talk(10, kPhone);
  CHECK(scene.wire.to == std::vector<SocketAddress>{*SocketAddress::parse("198.51.100.9:6000")});
}

TEST_CASE("a session that goes away closes all its ports", "[session]") {
  Scene scene;
  scene.session.reset();
  CHECK(scene.ports.open().empty());
}

TEST_CASE("a path to a leg that is not there is none", "[session]") {
  SessionPlan plan;
  plan.legs.push_back(leg(1, kPhone));
  plan.paths = {path(1, 2), path(3, 1)};
  Scene scene(std::move(plan));
  scene.talk(10, kPhone);
  CHECK(scene.wire.sent.empty());
  CHECK(scene.counters.drops.of(DropReason::NotExpected) == 1);
}

TEST_CASE("a path that stays the same goes on with its stream, a changed one begins another", "[session]") {
  const auto transcoded = [](std::uint16_t ptime) {
    SessionPlan plan = call();
    codec::Format to = kPcma;
    to.ptime = ptime;
    plan.paths = {path(1, 2, Transcode{kPcmu, to})};
    return plan;
  };
  Scene scene(transcoded(20));
  scene.talk(10, kPhone);
  scene.session->apply(transcoded(20), scene.clock.now());
  scene.talk(10, kPhone);
  REQUIRE(scene.wire.sent.size() == 2);
  CHECK(sequence_of(scene.wire.sent[0]) == 500);
  CHECK(sequence_of(scene.wire.sent[1]) == 501);
  scene.session->apply(transcoded(10), scene.clock.now());
  scene.talk(10, kPhone);
  REQUIRE(scene.wire.sent.size() == 4);
  CHECK(sequence_of(scene.wire.sent[2]) == 500);
}

TEST_CASE("how hard encoders try holds for those of later plans too", "[session]") {
  const auto encoded = [](int complexity) {
    SessionPlan plan = call();
    plan.paths.clear();
    Scene scene(std::move(plan));
    scene.session->set_complexity(complexity);
    plan = call();
    plan.paths = {path(1, 2, Transcode{kPcmu, kOpus})};
    scene.session->apply(std::move(plan), scene.clock.now());
    for (int packet = 0; packet < 50; ++packet) {
      for (std::size_t i = 0; i < scene.payload.size(); ++i) scene.payload[i] = static_cast<std::uint8_t>(i * 37);
      scene.talk(10, kPhone);
      scene.clock.advance(20ms);
    }
    return scene.wire.sent;
  };
  CHECK(encoded(10) == encoded(10));
  CHECK(encoded(0) != encoded(10));
}

TEST_CASE("an answered call that falls silent ends a minute after the last packet, once", "[session]") {
  Scene scene;
  scene.clock.advance(40s);
  scene.talk(10, kPhone);
  CHECK_FALSE(scene.end_within(60s - 1ms));
  CHECK(scene.end_within(1ms) == EndCause::MediaTimeout);
  CHECK_FALSE(scene.end_within(2h));
}

TEST_CASE("a new plan counts as a sign of life", "[session]") {
  Scene scene;
  scene.clock.advance(59s);
  scene.session->apply(call(), scene.clock.now());
  CHECK_FALSE(scene.end_within(59s));
  CHECK(scene.end_within(1s) == EndCause::MediaTimeout);
}

TEST_CASE("a call on hold on both sides may be silent for an hour", "[session]") {
  SessionPlan plan = call();
  for (LegPlan& each : plan.legs) each.receives = false;
  Scene scene(std::move(plan));
  CHECK_FALSE(scene.end_within(59min));
  CHECK(scene.end_within(1min) == EndCause::MediaTimeout);
}

TEST_CASE("a call with one party that may send ends after the shorter silence", "[session]") {
  SessionPlan plan = call();
  plan.legs[0].receives = false;
  Scene scene(std::move(plan));
  CHECK(scene.end_within(60s) == EndCause::MediaTimeout);
}

TEST_CASE("an offer that nobody answers ends after ten minutes, media or not", "[session]") {
  SessionPlan plan = call();
  plan.paths.clear();
  Scene scene(std::move(plan));
  CHECK_FALSE(scene.end_within(9min));
  scene.talk(10, kPhone);
  CHECK(scene.end_within(1min) == EndCause::MediaTimeout);
}

TEST_CASE("without a media timeout silence ends nothing", "[session]") {
  SessionPlan plan = call();
  plan.media_timeout = 0s;
  Scene scene(std::move(plan));
  CHECK_FALSE(scene.session->next_timeout());
  CHECK_FALSE(scene.end_within(24h));
}

TEST_CASE("a peer that ICE cannot reach ends the call when its media is 30 seconds old too", "[session][rfc7675]") {
  SessionPlan plan = call();
  plan.media_timeout = 10min;
  ice::Plan& ice = plan.legs[0].ice.emplace();
  ice.local = {"ours", "our password of 22 char"};
  ice.remote = ice::Credentials{"them", "their password, longer"};
  ice.local_candidates = {{"1", ice::Component::Rtp, 1, kPhone, ice::CandidateType::Host}};
  Scene scene(std::move(plan));
  const common::Instant begin = scene.clock.now();
  const auto cause = scene.end_within(5min);
  CHECK(cause == EndCause::ConsentLost);
  CHECK(scene.clock.now() - begin == 39500ms);  // when the checks are given up, RFC 8863
}

TEST_CASE("a handshake that fails is told with its leg, and the call goes on", "[session][rfc5763]") {
  SessionPlan plan = call();
  plan.legs[1].security = DtlsSecurity{
      .role = dtls::Role::Passive, .remote = peer_certificate()->fingerprint(), .certificate = our_certificate()};
  Scene scene(std::move(plan));
  DtlsPeer stranger(make_certificate(), dtls::Role::Active);
  stranger.transport.start(scene.clock.now());
  for (int round = 0; round < 20; ++round) {
    for (const common::Bytes& datagram : stranger.take()) scene.receive(11, kTrunk, datagram);
    for (const common::Bytes& datagram : std::exchange(scene.wire.sent, {})) {
      stranger.transport.on_datagram(datagram, scene.clock.now());
    }
  }
  const auto failure = scene.session->poll_failure();
  REQUIRE(failure);
  CHECK(failure->first == EndCause::DtlsFailed);
  CHECK(failure->second == LegId{2});
  CHECK_FALSE(scene.session->poll_failure());
  CHECK(scene.end_within(60s) == EndCause::MediaTimeout);
}

TEST_CASE("at its end a session says goodbye to everybody who was sent media", "[session][rfc3550]") {
  Scene scene;
  scene.talk(10, kPhone, 99);
  scene.talk(11, kTrunk, 88);
  scene.wire.to.clear();
  scene.wire.sent.clear();
  scene.session->end(scene.clock.now());
  CHECK(scene.wire.to == std::vector<SocketAddress>{kPhone, kTrunk});
  REQUIRE(scene.wire.sent.size() == 2);
  const auto left = [&](std::size_t index) {
    std::optional<rtcp::ByeView> bye;
    auto compound = rtcp::CompoundView::parse(scene.wire.sent[index]);
    while (const auto part = compound->next()) bye = rtcp::ByeView::from(*part);
    REQUIRE(bye);
    return bye->source(0).value;
  };
  CHECK(left(0) == 88);
  CHECK(left(1) == 99);
}

TEST_CASE("a report names the session and its legs in their order", "[session]") {
  SessionPlan plan = call();
  plan.legs[0].label = "alice/0";
  const Scene scene(std::move(plan));
  const SessionReport report = scene.session->report(scene.clock.now());
  CHECK(report.id == SessionId{5});
  REQUIRE(report.legs.size() == 2);
  CHECK(report.legs[0].id == LegId{1});
  CHECK(report.legs[0].label == "alice/0");
  CHECK(report.legs[0].security == "plain");
  CHECK(report.legs[1].id == LegId{2});
}

TEST_CASE("a session without legs has nothing to wait for", "[session]") {
  Scene scene(SessionPlan{});
  CHECK_FALSE(scene.session->next_timeout());
  CHECK(scene.session->report(scene.clock.now()).legs.empty());
}
