#include "relay/ice/generation.h"

#include "tests/unit/relay/ice/generation_scene.h"

namespace relay::ice {
namespace {

using State = IceAgent::State;

const Candidate kBest = host("198.51.100.1:1", Component::Rtp, 900);
const Candidate kWorse = host("198.51.100.2:2", Component::Rtp, 800, "2");
const Candidate kOfRtcp = host("198.51.100.1:9", Component::Rtcp, 900);

/// A lite agent with both candidates of its peer.
GenerationScene lite_scene() {
  GenerationScene scene;
  scene.plan.lite = true;
  scene.plan.remote_candidates = {kBest, kWorse};
  return scene;
}

}  // namespace

TEST_CASE("two lite agents take each other's best candidate of each component and never check", "[ice][rfc8445]") {
  GenerationScene scene = lite_scene();
  scene.plan.remote_lite = true;
  scene.plan.local_candidates.push_back(host("192.0.2.1:1001", Component::Rtcp));
  scene.plan.remote_candidates = {kWorse, kBest, kOfRtcp};
  scene.start();
  CHECK(scene.selected == std::vector<SocketAddress>{kBest.address, kOfRtcp.address});
  CHECK(scene.generation->state() == State::Connected);
  scene.run(10min);
  CHECK(scene.sent.empty());
  CHECK(scene.consent_lost == 0);
  CHECK(scene.failed == 0);
}

TEST_CASE("candidates that cannot be checked are none", "[ice][rfc8839]") {
  GenerationScene scene;
  scene.plan.remote_candidates = {host("198.51.100.1:0"), host("0.0.0.0:4000"), host("[2001:db8::1]:4000"),
                                  host("198.51.100.1:9", Component::Rtcp)};
  scene.start();
  scene.run(5s);
  CHECK(scene.sent.empty());
  scene.plan.remote_candidates = {kPeer};
  scene.generation->update(scene.plan, scene.clock.now());
  scene.run(5s);
  CHECK_FALSE(scene.sent.empty());
}

TEST_CASE("checks begin with the peer's credentials, under the role that comes with them", "[ice][rfc8445]") {
  GenerationScene scene;
  scene.plan.remote.reset();
  scene.plan.controlling = true;
  Generation& generation = scene.start();
  generation.update(scene.plan, scene.clock.now());
  scene.run(60s);
  CHECK(scene.sent.empty());
  CHECK(scene.failed == 0);
  scene.plan.remote = Credentials{"them", "their password, longer"};
  scene.plan.controlling = false;
  generation.update(scene.plan, scene.clock.now());
  scene.run(100ms);
  REQUIRE(scene.sent.size() == 1);
  CHECK(view_of(scene.sent[0]).controlled() == 500U);
  CHECK(view_of(scene.sent[0]).username() == "them:ours");
}

TEST_CASE("a full agent controls a lite one whatever the plan says", "[ice][rfc8445]") {
  GenerationScene scene;
  scene.plan.remote_lite = true;
  scene.start();
  scene.run(0s);
  REQUIRE(scene.sent.size() == 1);
  CHECK(view_of(scene.sent[0]).controlling());
}

TEST_CASE("an agent that reaches nobody is given up once, 39.5 s after the peer's credentials", "[ice][rfc8863]") {
  GenerationScene scene;
  Generation& generation = scene.start();
  scene.run(20s);
  generation.update(scene.plan, scene.clock.now());  // nothing new
  scene.run(19499ms);
  CHECK(scene.failed == 0);
  CHECK(generation.state() == State::Checking);
  scene.run(1ms);
  CHECK(scene.failed == 1);
  CHECK(generation.state() == State::Failed);
  generation.update(scene.plan, scene.clock.now());
  scene.run(10min);
  CHECK(scene.failed == 1);
}

TEST_CASE("a connection is everything that is needed: RTCP only where the peer has it too", "[ice]") {
  GenerationScene scene = lite_scene();
  scene.plan.local_candidates.push_back(host("192.0.2.1:1001", Component::Rtcp));
  SECTION("a peer with one component") {
    scene.start();
    scene.check_from(kBest.address, true);
    CHECK(scene.generation->state() == State::Connected);
  }
  SECTION("a peer with two") {
    scene.plan.remote_candidates.push_back(kOfRtcp);
    Generation& generation = scene.start();
    scene.check_from(kBest.address, true);
    CHECK(generation.state() == State::Checking);
    CHECK(generation.has_selected());
    scene.check_from(kOfRtcp.address, true, Component::Rtcp);
    CHECK(generation.state() == State::Connected);
    CHECK(generation.selected(Component::Rtcp) == kOfRtcp.address);
  }
}

TEST_CASE("a component whose port a later plan closes is dropped with its pair", "[ice]") {
  GenerationScene scene = lite_scene();
  scene.plan.local_candidates.push_back(host("192.0.2.1:1001", Component::Rtcp));
  scene.plan.remote_candidates.push_back(kOfRtcp);
  Generation& generation = scene.start();
  scene.check_from(kBest.address, true);
  scene.check_from(kOfRtcp.address, true, Component::Rtcp);
  scene.plan.local_candidates.pop_back();
  generation.update(scene.plan, scene.clock.now());
  CHECK_FALSE(generation.selected(Component::Rtcp));
  CHECK(generation.selected(Component::Rtp) == kBest.address);
  CHECK(generation.state() == State::Connected);
  scene.check_from(kOfRtcp.address, true, Component::Rtcp);
  CHECK_FALSE(generation.selected(Component::Rtcp));
}

TEST_CASE("an aggressive peer's best pair counts, a later nomination is followed", "[ice][rfc5245]") {
  GenerationScene scene = lite_scene();
  Generation& generation = scene.start();
  scene.check_from(kWorse.address, true);
  CHECK(generation.selected(Component::Rtp) == kWorse.address);
  scene.check_from(kBest.address, true);
  CHECK(generation.selected(Component::Rtp) == kBest.address);
  scene.clock.advance(50ms);
  scene.check_from(kWorse.address, true);
  CHECK(generation.selected(Component::Rtp) == kBest.address);
  scene.clock.advance(1s);
  scene.check_from(kBest.address, true);  // said again: nothing new, but the second begins anew
  scene.clock.advance(500ms);
  scene.check_from(kWorse.address, true);
  CHECK(generation.selected(Component::Rtp) == kBest.address);
  scene.clock.advance(500ms);
  scene.check_from(kWorse.address, true);
  CHECK(generation.selected(Component::Rtp) == kWorse.address);
  CHECK(scene.selected == std::vector<SocketAddress>{kWorse.address, kBest.address, kWorse.address});
}

TEST_CASE("lost consent is said once; the peer alone can revive that pair", "[ice][rfc7675]") {
  GenerationScene scene = lite_scene();
  Generation& generation = scene.start();
  scene.check_from(kBest.address, true);
  scene.clock.advance(2s);
  scene.check_from(kBest.address);
  scene.run(29s);
  CHECK(scene.consent_lost == 0);
  scene.run(1s);
  CHECK(scene.consent_lost == 1);
  CHECK_FALSE(generation.selected(Component::Rtp));
  CHECK(generation.state() == State::Disconnected);
  scene.run(10min);
  CHECK(scene.consent_lost == 1);
  scene.check_from(kBest.address, true);
  CHECK(generation.selected(Component::Rtp) == kBest.address);
  CHECK(generation.state() == State::Connected);
}

TEST_CASE("a full agent that loses consent tries its other pairs and not the lost one", "[ice][rfc7675]") {
  GenerationScene scene;
  scene.plan.remote_candidates = {kBest, kWorse};
  Generation& generation = scene.start();
  scene.check_from(kBest.address, true);
  scene.run(0s);
  for (const Send& send : std::vector<Send>(scene.sent)) {
    if (is_check(send) && send.remote == kBest.address) scene.answer(send);
  }
  REQUIRE(generation.selected(Component::Rtp) == kBest.address);
  scene.run(31s);
  REQUIRE(scene.consent_lost == 1);
  scene.sent.clear();
  scene.run(5s);
  CHECK_FALSE(scene.sent.empty());
  for (const Send& send : scene.sent) CHECK(send.remote == kWorse.address);
}

TEST_CASE("a retired generation checks nothing more but keeps its pair alive until it is released", "[ice][rfc8445]") {
  GenerationScene scene;
  scene.plan.remote_candidates = {kBest, kWorse};
  Generation& generation = scene.start();
  scene.check_from(kBest.address, true);
  scene.run(0s);
  const std::vector<Send> first = std::exchange(scene.sent, {});
  for (const Send& send : first) {
    if (is_check(send)) scene.answer(send);
  }
  REQUIRE(generation.has_selected());
  generation.retire();
  scene.check_from(kWorse.address, true);
  scene.run(10s);
  std::size_t checks = 0;
  for (const Send& send : scene.sent) {
    if (!is_check(send)) continue;
    ++checks;
    CHECK(send.remote == kBest.address);
  }
  CHECK(checks >= 1);
  CHECK(generation.selected(Component::Rtp) == kBest.address);
  generation.release(Component::Rtp);
  CHECK_FALSE(generation.has_selected());
  CHECK_FALSE(generation.next_timeout());
}

}  // namespace relay::ice
