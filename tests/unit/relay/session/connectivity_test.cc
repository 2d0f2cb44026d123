#include "relay/session/connectivity.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "common/time/manual_clock.h"
#include "relay/ice/binding.h"
#include "tests/support/ice_scene.h"
#include "tests/unit/relay/session/dtls_peer.h"

using namespace relay;
using namespace relay::session;
using namespace std::chrono_literals;
using common::SocketAddress;

namespace {

const SocketAddress kPeerAt = *SocketAddress::parse("198.51.100.7:4000");
const SocketAddress kPeerRtcpAt = *SocketAddress::parse("198.51.100.7:4001");
const ice::Credentials kOurs{"ours", "our password of 22 char"};
const ice::Credentials kTheirs{"them", "their password, longer"};

LegPlan plan_with(Security security, bool own_rtcp_port = false) {
  LegPlan plan;
  plan.security = std::move(security);
  plan.remote_rtp = kPeerAt;
  if (own_rtcp_port) {
    plan.rtcp.emplace();
    plan.remote_rtcp = kPeerRtcpAt;
  }
  return plan;
}

DtlsSecurity secured(dtls::Role role) {
  return {.role = role, .remote = peer_certificate()->fingerprint(), .certificate = our_certificate()};
}

/// ICE as a lite agent, so that the peer's checks decide.
ice::Plan lite_ice() {
  ice::Plan plan;
  plan.lite = true;
  plan.local = kOurs;
  plan.remote = kTheirs;
  plan.local_candidates = {tests::host("192.0.2.1:1000")};
  return plan;
}

struct Scene {
  void configure(const LegPlan& plan) { connectivity.configure(plan, clock.now()); }

  /// Everything said so far, by kind.
  template <class Kind>
  std::vector<Kind> take() {
    while (auto output = connectivity.poll_output()) outputs.push_back(std::move(*output));
    std::vector<Kind> of_kind;
    std::erase_if(outputs, [&](Connectivity::Output& output) {
      auto* match = std::get_if<Kind>(&output);
      if (match == nullptr) return false;
      of_kind.push_back(std::move(*match));
      return true;
    });
    return of_kind;
  }
  void check(PortRole port, const SocketAddress& source, bool nominating) {
    stun::TransactionId id;
    random.fill(id);
    const auto check = ice::write_check(id, kTheirs, kOurs, {1, 1, true, nominating});
    connectivity.on_stun(check, port, source, clock.now());
  }
  /// Hands datagrams to and fro until neither side says more.
  void shake_hands(DtlsPeer& peer, PortRole port, const SocketAddress& at) {
    for (int round = 0; round < 20; ++round) {
      auto sends = take<Connectivity::Send>();
      for (const auto& send : sends) {
        if (send.port == port && send.remote == at) peer.transport.on_datagram(send.datagram, clock.now());
      }
      const auto datagrams = peer.take();
      if (datagrams.empty() && sends.empty()) break;
      for (const common::Bytes& datagram : datagrams) connectivity.on_dtls(datagram, port, at, clock.now());
    }
  }
  /// Moves to the next timer; false if there is none.
  bool step() {
    const auto next = connectivity.next_timeout();
    if (!next) return false;
    clock.advance_to(*next);
    connectivity.on_timeout(clock.now());
    return true;
  }

  common::ManualClock clock;
  common::crypto::SeededRandom random{5763};
  Connectivity connectivity{random};
  std::vector<Connectivity::Output> outputs;
};

}  // namespace

TEST_CASE("a leg with neither ICE nor DTLS says nothing and hears nothing", "[connectivity]") {
  Scene scene;
  scene.configure(plan_with(PlainSecurity{}));
  CHECK_FALSE(scene.connectivity.uses_ice());
  CHECK_FALSE(scene.connectivity.uses_dtls());
  CHECK_FALSE(scene.connectivity.next_timeout());
  scene.check(PortRole::Rtp, kPeerAt, true);
  DtlsPeer peer(peer_certificate(), dtls::Role::Active);
  peer.transport.start(scene.clock.now());
  for (const auto& datagram : peer.take()) {
    scene.connectivity.on_dtls(datagram, PortRole::Rtp, kPeerAt, scene.clock.now());
  }
  CHECK_FALSE(scene.connectivity.poll_output());
  CHECK_FALSE(scene.connectivity.may_speak(PortRole::Rtp, kPeerAt));
  CHECK_FALSE(scene.connectivity.ice_connected());
  CHECK_FALSE(scene.connectivity.dtls_connected());
}

TEST_CASE("without ICE the active side begins at the signalled address, the passive one waits", "[connectivity]") {
  Scene active;
  active.configure(plan_with(secured(dtls::Role::Active)));
  const auto sends = active.take<Connectivity::Send>();
  REQUIRE(sends.size() == 1);
  CHECK(sends[0].port == PortRole::Rtp);
  CHECK(sends[0].remote == kPeerAt);
  Scene passive;
  passive.configure(plan_with(secured(dtls::Role::Passive)));
  CHECK(passive.take<Connectivity::Send>().empty());
}

TEST_CASE("DTLS gives its port keys, under which the leg counts as connected", "[connectivity][rfc5764]") {
  Scene scene;
  scene.configure(plan_with(secured(dtls::Role::Active)));
  CHECK(scene.connectivity.uses_dtls());
  CHECK_FALSE(scene.connectivity.dtls_connected());
  DtlsPeer peer(peer_certificate(), dtls::Role::Passive);
  scene.shake_hands(peer, PortRole::Rtp, kPeerAt);
  const auto keyed = scene.take<Connectivity::Keyed>();
  REQUIRE(keyed.size() == 1);
  CHECK(keyed[0].port == PortRole::Rtp);
  CHECK(keyed[0].send == peer.keys->remote);
  CHECK(keyed[0].receive == peer.keys->local);
  CHECK(scene.connectivity.dtls_connected());
}

TEST_CASE("RTCP's port has keys of its own where it has a port of its own", "[connectivity][rfc5764]") {
  Scene scene;
  LegPlan plan = plan_with(secured(dtls::Role::Active), true);
  scene.configure(plan);
  CHECK(scene.connectivity.has_own_keys(PortRole::Rtp));
  CHECK(scene.connectivity.has_own_keys(PortRole::Rtcp));
  std::vector<std::pair<PortRole, SocketAddress>> begun;
  for (const auto& send : scene.take<Connectivity::Send>()) begun.emplace_back(send.port, send.remote);
  CHECK(begun ==
        std::vector<std::pair<PortRole, SocketAddress>>{{PortRole::Rtp, kPeerAt}, {PortRole::Rtcp, kPeerRtcpAt}});
  SECTION("and is done only with both") {
    Scene both;
    both.configure(plan_with(secured(dtls::Role::Passive), true));
    DtlsPeer peer(peer_certificate(), dtls::Role::Active);
    DtlsPeer control(peer_certificate(), dtls::Role::Active);
    peer.transport.start(both.clock.now());
    both.shake_hands(peer, PortRole::Rtp, kPeerAt);
    CHECK_FALSE(both.connectivity.dtls_connected());
    control.transport.start(both.clock.now());
    both.shake_hands(control, PortRole::Rtcp, kPeerRtcpAt);
    CHECK(both.connectivity.dtls_connected());
    CHECK(both.take<Connectivity::Keyed>().size() == 2);
  }
  SECTION("not with rtcp-mux") {
    plan.rtcp_mux = true;
    scene.configure(plan);
    CHECK_FALSE(scene.connectivity.has_own_keys(PortRole::Rtcp));
  }
}

TEST_CASE("a nomination of the peer selects its address for the port it came to", "[connectivity][rfc8445]") {
  Scene scene;
  LegPlan plan = plan_with(PlainSecurity{});
  plan.ice = lite_ice();
  scene.configure(plan);
  CHECK(scene.connectivity.uses_ice());
  scene.check(PortRole::Rtp, kPeerAt, false);
  CHECK(scene.connectivity.may_speak(PortRole::Rtp, kPeerAt));
  CHECK_FALSE(scene.connectivity.may_speak(PortRole::Rtcp, kPeerAt));
  CHECK_FALSE(scene.connectivity.may_speak(PortRole::Rtp, kPeerRtcpAt));
  CHECK(scene.take<Connectivity::Selected>().empty());
  CHECK(scene.take<Connectivity::Send>().size() == 1);  // the answer
  scene.check(PortRole::Rtp, kPeerAt, true);
  const auto selected = scene.take<Connectivity::Selected>();
  REQUIRE(selected.size() == 1);
  CHECK(selected[0].port == PortRole::Rtp);
  CHECK(selected[0].remote == kPeerAt);
  CHECK(scene.connectivity.ice_connected());
}

TEST_CASE("with ICE the active side of DTLS begins at the selected address, whatever SDP says", "[connectivity]") {
  const SocketAddress selected = *SocketAddress::parse("203.0.113.7:50000");
  Scene scene;
  LegPlan plan = plan_with(secured(dtls::Role::Active));
  plan.ice = lite_ice();
  scene.configure(plan);
  CHECK(scene.take<Connectivity::Send>().empty());
  scene.check(PortRole::Rtp, selected, true);
  const auto sends = scene.take<Connectivity::Send>();
  REQUIRE(sends.size() == 2);  // the answer and the ClientHello
  CHECK(sends[1].remote == selected);
  CHECK(sends[1].datagram.front() == 22);
}

TEST_CASE("DTLS that a new plan brings begins at the address ICE has selected before", "[connectivity]") {
  Scene scene;
  LegPlan plan = plan_with(PlainSecurity{});
  plan.ice = lite_ice();
  scene.configure(plan);
  scene.check(PortRole::Rtp, kPeerRtcpAt, true);
  scene.take<Connectivity::Send>();
  plan.security = secured(dtls::Role::Active);
  scene.configure(plan);
  const auto sends = scene.take<Connectivity::Send>();
  REQUIRE(sends.size() == 1);
  CHECK(sends[0].remote == kPeerRtcpAt);
}

TEST_CASE("a peer that stops to consent makes its port unreachable", "[connectivity][rfc7675]") {
  Scene scene;
  LegPlan plan = plan_with(PlainSecurity{});
  plan.ice = lite_ice();
  scene.configure(plan);
  scene.check(PortRole::Rtp, kPeerAt, true);
  scene.clock.advance(2s);
  scene.check(PortRole::Rtp, kPeerAt, false);
  CHECK(scene.take<Connectivity::Unreachable>().empty());
  const auto silent_since = scene.clock.now();
  while (scene.step()) {
  }
  const auto unreachable = scene.take<Connectivity::Unreachable>();
  REQUIRE(unreachable.size() == 1);
  CHECK(unreachable[0].port == PortRole::Rtp);
  CHECK(scene.clock.now() - silent_since == 30s);
}

TEST_CASE("checks that reach nobody make the leg unreachable", "[connectivity][rfc8863]") {
  Scene scene;
  LegPlan plan = plan_with(PlainSecurity{});
  plan.ice = lite_ice();
  scene.configure(plan);
  while (scene.step()) {
  }
  CHECK(scene.take<Connectivity::Unreachable>().size() == 1);
}

TEST_CASE("the earliest of ICE and DTLS is next, and a timeout serves both", "[connectivity]") {
  Scene scene;
  LegPlan plan = plan_with(secured(dtls::Role::Active), true);
  scene.configure(plan);
  scene.take<Connectivity::Send>();
  CHECK(scene.connectivity.next_timeout() == scene.clock.now() + 400ms);
  scene.step();
  CHECK(scene.take<Connectivity::Send>().size() == 2);  // each port's ClientHello again
}

TEST_CASE("closing says so on every port that has keys", "[connectivity]") {
  Scene scene;
  scene.configure(plan_with(secured(dtls::Role::Passive), true));
  DtlsPeer peer(peer_certificate(), dtls::Role::Active);
  DtlsPeer control(peer_certificate(), dtls::Role::Active);
  peer.transport.start(scene.clock.now());
  scene.shake_hands(peer, PortRole::Rtp, kPeerAt);
  control.transport.start(scene.clock.now());
  scene.shake_hands(control, PortRole::Rtcp, kPeerRtcpAt);
  scene.connectivity.close(scene.clock.now());
  for (const auto& send : scene.take<Connectivity::Send>()) {
    (send.port == PortRole::Rtp ? peer : control).transport.on_datagram(send.datagram, scene.clock.now());
  }
  peer.take();
  control.take();
  CHECK(peer.closed);
  CHECK(control.closed);
}

TEST_CASE("a peer that closes leaves its port without keys", "[connectivity]") {
  Scene scene;
  scene.configure(plan_with(secured(dtls::Role::Passive)));
  DtlsPeer peer(peer_certificate(), dtls::Role::Active);
  peer.transport.start(scene.clock.now());
  scene.shake_hands(peer, PortRole::Rtp, kPeerAt);
  peer.transport.close(scene.clock.now());
  scene.shake_hands(peer, PortRole::Rtp, kPeerAt);
  const auto unkeyed = scene.take<Connectivity::Unkeyed>();
  REQUIRE(unkeyed.size() == 1);
  CHECK(unkeyed[0].port == PortRole::Rtp);
  CHECK_FALSE(unkeyed[0].failed);
  CHECK_FALSE(scene.connectivity.dtls_connected());
}

TEST_CASE("what a new plan does not name any more stops", "[connectivity]") {
  Scene scene;
  LegPlan plan = plan_with(secured(dtls::Role::Active));
  plan.ice = lite_ice();
  scene.configure(plan);
  scene.check(PortRole::Rtp, kPeerAt, true);
  plan.ice.reset();
  plan.security = PlainSecurity{};
  scene.configure(plan);
  CHECK_FALSE(scene.connectivity.uses_ice());
  CHECK_FALSE(scene.connectivity.uses_dtls());
  CHECK_FALSE(scene.connectivity.may_speak(PortRole::Rtp, kPeerAt));
  CHECK_FALSE(scene.connectivity.next_timeout());
}
