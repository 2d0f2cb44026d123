#include "relay/session/handshake.h"

#include <catch2/catch.hpp>

#include "common/base/overload.h"
#include "common/time/manual_clock.h"
#include "tests/unit/relay/session/dtls_peer.h"

using namespace relay;
using namespace relay::session;
using namespace std::chrono_literals;

namespace {

const common::SocketAddress kPeerAt = *common::SocketAddress::parse("198.51.100.7:4000");
const common::SocketAddress kElsewhere = *common::SocketAddress::parse("203.0.113.9:5000");

/// Our side of one port, and a peer that plays the other role.
struct Scene {
  explicit Scene(dtls::Role role, std::optional<dtls::Fingerprint> known = peer_certificate()->fingerprint())
      : plan{.role = role, .remote = std::move(known), .certificate = our_certificate()}, ours(plan, clock.now()) {
    connect_peer();
  }

  void connect_peer(const std::shared_ptr<const dtls::Certificate>& certificate = peer_certificate()) {
    const auto other = plan.role == dtls::Role::Active ? dtls::Role::Passive : dtls::Role::Active;
    peer.emplace(certificate, other);
  }
  void configure() { ours.configure(plan, clock.now()); }
  /// Takes our outputs; datagrams go to the peer if they are meant for it.
  void drain() {
    while (auto output = ours.poll_output()) {
      std::visit(common::Overload{[&](Handshake::Send& send) {
                                    sent_to.push_back(send.remote);
                                    if (send.remote == from) peer->transport.on_datagram(send.datagram, clock.now());
                                  },
                                  [&](Handshake::Keyed& now_keyed) { keyed.push_back(std::move(now_keyed)); },
                                  [&](Handshake::Unkeyed& now_unkeyed) { unkeyed.push_back(now_unkeyed.failed); }},
                 *output);
    }
  }
  /// Lets datagrams go to and fro until both have nothing to say.
  void run() {
    for (int round = 0; round < 20; ++round) {
      drain();
      const auto datagrams = peer->take();
      if (datagrams.empty()) break;
      for (const common::Bytes& datagram : datagrams) ours.on_datagram(datagram, from, clock.now());
    }
    drain();
  }
  void call_in() {
    peer->transport.start(clock.now());
    run();
  }

  common::ManualClock clock;
  DtlsSecurity plan;
  Handshake ours;
  std::optional<DtlsPeer> peer;
  common::SocketAddress from = kPeerAt;
  std::vector<common::SocketAddress> sent_to;
  std::vector<Handshake::Keyed> keyed;
  std::vector<bool> unkeyed;  // failed or not
};

}  // namespace

TEST_CASE("a peer that calls in gets the same keys, mirrored, and answers at its address", "[handshake][rfc5764]") {
  Scene scene(dtls::Role::Passive);
  CHECK_FALSE(scene.ours.connected());
  scene.call_in();
  CHECK(scene.ours.connected());
  REQUIRE(scene.keyed.size() == 1);
  REQUIRE(scene.peer->keys);
  CHECK(scene.keyed[0].send == scene.peer->keys->remote);
  CHECK(scene.keyed[0].receive == scene.peer->keys->local);
  REQUIRE_FALSE(scene.sent_to.empty());
  for (const auto& remote : scene.sent_to) CHECK(remote == kPeerAt);
}

TEST_CASE("the active side begins when it knows where the peer is and who it is", "[handshake][rfc5763]") {
  SECTION("where comes last") {
    Scene scene(dtls::Role::Active);
    scene.run();
    CHECK(scene.sent_to.empty());
    scene.ours.reach(kPeerAt, scene.clock.now());
    scene.run();
    CHECK(scene.keyed.size() == 1);
  }
  SECTION("who comes last") {
    Scene scene(dtls::Role::Active, std::nullopt);
    scene.ours.reach(kPeerAt, scene.clock.now());
    scene.run();
    CHECK(scene.sent_to.empty());
    scene.plan.remote = peer_certificate()->fingerprint();
    scene.configure();
    scene.run();
    CHECK(scene.keyed.size() == 1);
  }
}

TEST_CASE("a peer that calls in before its fingerprint is known waits for its keys", "[handshake][rfc5763]") {
  Scene scene(dtls::Role::Passive, std::nullopt);
  scene.call_in();
  CHECK(scene.keyed.empty());
  CHECK_FALSE(scene.ours.connected());
  scene.plan.remote = peer_certificate()->fingerprint();
  scene.configure();
  scene.run();
  CHECK(scene.keyed.size() == 1);
}

TEST_CASE("the same plan again, or one that names no fingerprint, keeps the association", "[handshake][rfc8842]") {
  Scene scene(dtls::Role::Passive);
  scene.call_in();
  scene.configure();
  scene.plan.remote.reset();
  scene.configure();
  scene.run();
  CHECK(scene.ours.connected());
  CHECK(scene.keyed.size() == 1);
  CHECK(scene.unkeyed.empty());
}

TEST_CASE("after the handshake a new role for the same fingerprint changes nothing", "[handshake][rfc8842]") {
  Scene scene(dtls::Role::Passive);
  scene.call_in();
  scene.plan.role = dtls::Role::Active;
  scene.configure();
  scene.run();
  CHECK(scene.ours.connected());
  CHECK(scene.unkeyed.empty());
}

TEST_CASE("before the handshake the role may change", "[handshake][rfc8842]") {
  Scene scene(dtls::Role::Passive);
  scene.ours.reach(kPeerAt, scene.clock.now());
  scene.plan.role = dtls::Role::Active;
  scene.connect_peer();
  scene.configure();
  scene.run();
  CHECK(scene.keyed.size() == 1);
  CHECK(scene.unkeyed.empty());  // there were no keys that could end
}

TEST_CASE("another fingerprint is another peer: the old keys are over before new ones are there",
          "[handshake][rfc8842]") {
  Scene scene(dtls::Role::Passive);
  scene.call_in();
  const auto other = make_certificate();
  scene.plan.remote = other->fingerprint();
  scene.configure();
  scene.run();
  CHECK(scene.unkeyed == std::vector<bool>{false});
  CHECK_FALSE(scene.ours.connected());
  scene.connect_peer(other);
  scene.call_in();
  REQUIRE(scene.keyed.size() == 2);
  CHECK(scene.keyed[0].send != scene.keyed[1].send);
}

TEST_CASE("a peer with another certificate than the announced one gets no keys", "[handshake][rfc5763]") {
  Scene scene(dtls::Role::Passive);
  scene.connect_peer(make_certificate());
  scene.call_in();
  CHECK(scene.keyed.empty());
  CHECK(scene.unkeyed == std::vector<bool>{true});
  SECTION("and the right one can still call in") {
    scene.connect_peer();
    scene.call_in();
    CHECK(scene.keyed.size() == 1);
  }
}

TEST_CASE("a peer that closes ends the keys, and may call in again from elsewhere", "[handshake]") {
  Scene scene(dtls::Role::Passive);
  scene.call_in();
  scene.peer->transport.close(scene.clock.now());
  scene.run();
  CHECK(scene.unkeyed == std::vector<bool>{false});
  CHECK_FALSE(scene.ours.connected());
  scene.connect_peer();
  scene.from = kElsewhere;
  scene.call_in();
  CHECK(scene.keyed.size() == 2);
  CHECK(scene.ours.connected());
  CHECK(scene.sent_to.back() == kElsewhere);
}

TEST_CASE("only a handshake record begins another association", "[handshake][rfc6347]") {
  Scene scene(dtls::Role::Passive);
  scene.call_in();
  scene.peer->transport.close(scene.clock.now());
  scene.run();
  const std::size_t sent = scene.sent_to.size();
  const common::Bytes alert{21, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 9, 0, 2, 1, 0};
  scene.ours.on_datagram(alert, kPeerAt, scene.clock.now());
  scene.ours.on_datagram({}, kPeerAt, scene.clock.now());
  scene.run();
  CHECK(scene.sent_to.size() == sent);
}

TEST_CASE("an active side that has failed does not begin again by itself", "[handshake]") {
  Scene scene(dtls::Role::Active);
  scene.connect_peer(make_certificate());
  scene.ours.reach(kPeerAt, scene.clock.now());
  scene.run();
  REQUIRE(scene.unkeyed == std::vector<bool>{true});
  const std::size_t sent = scene.sent_to.size();
  scene.ours.reach(kElsewhere, scene.clock.now());
  scene.run();
  CHECK(scene.sent_to.size() == sent);
  CHECK_FALSE(scene.ours.next_timeout());
}

TEST_CASE("whoever breaks associations on purpose gets sixteen of them, a new plan begins the count anew",
          "[handshake]") {
  Scene scene(dtls::Role::Passive);
  const auto stranger = make_certificate();
  for (int i = 0; i < 30; ++i) {
    scene.connect_peer(stranger);
    scene.call_in();
  }
  CHECK(scene.unkeyed.size() == 16);
  scene.plan.remote = make_certificate()->fingerprint();
  scene.configure();
  scene.connect_peer(stranger);
  scene.call_in();
  CHECK(scene.unkeyed.size() == 17);
}

TEST_CASE("closing tells the peer that the keys are over", "[handshake]") {
  Scene scene(dtls::Role::Passive);
  scene.call_in();
  scene.ours.close(scene.clock.now());
  scene.run();
  CHECK(scene.peer->closed);
}

TEST_CASE("a flight that gets lost is sent again", "[handshake][rfc6347]") {
  Scene scene(dtls::Role::Active);
  scene.ours.reach(kPeerAt, scene.clock.now());
  scene.from = kElsewhere;  // nothing arrives
  scene.drain();
  REQUIRE(scene.sent_to.size() == 1);
  REQUIRE(scene.ours.next_timeout());
  scene.from = kPeerAt;
  scene.clock.advance_to(*scene.ours.next_timeout());
  scene.ours.on_timeout(scene.clock.now());
  scene.run();
  CHECK(scene.keyed.size() == 1);
}
