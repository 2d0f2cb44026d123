#include "relay/ice/ice_agent.h"

#include <catch2/catch.hpp>

#include "relay/stun/message_view.h"
#include "relay/stun/message_writer.h"
#include "tests/support/ice_scene.h"

namespace relay::ice {
namespace {

using namespace std::chrono_literals;
using common::SocketAddress;
using tests::address;
using tests::host;
using tests::IceScene;
using tests::IceSide;
using State = IceAgent::State;

const SocketAddress kA = address("192.0.2.1:1000");
const SocketAddress kB = address("192.0.2.2:2000");

void check_joined(const IceScene& scene) {
  CHECK(scene.a.agent->state() == State::Connected);
  CHECK(scene.b.agent->state() == State::Connected);
  CHECK(scene.a.media() == kB);
  CHECK(scene.b.media() == kA);
}

/// A check as a peer of `plan` would send it.
common::Bytes check_for(const Plan& plan, const std::string& password, bool use_candidate = false,
                        std::string peer = "peer", std::uint64_t controlling = 1) {
  stun::MessageWriter writer(stun::MessageClass::Request, stun::kBinding, {1, 2, 3});
  writer.username(plan.local.ufrag + ":" + peer).priority(1).controlling(controlling);
  if (use_candidate) writer.use_candidate();
  return writer.finish(password);
}

std::vector<Send> sends(IceAgent& agent) {
  std::vector<Send> out;
  while (auto output = agent.poll_output()) {
    if (auto* send = std::get_if<Send>(&*output)) out.push_back(std::move(*send));
  }
  return out;
}

std::optional<std::uint16_t> error_of(const std::vector<Send>& sent) {
  if (sent.size() != 1) return std::nullopt;
  const auto view = stun::MessageView::parse(sent[0].bytes);
  if (!view || !view->error_code()) return std::nullopt;
  return view->error_code()->code;
}

}  // namespace

TEST_CASE("two full agents select each other and stay joined", "[ice][rfc8445]") {
  IceScene scene;
  scene.start();
  scene.run(2s);
  check_joined(scene);
  scene.run(300s);
  check_joined(scene);
  CHECK(scene.a.selected.size() == 1);
  CHECK(scene.a.consent_lost + scene.b.consent_lost == 0);
  CHECK(scene.a.failed + scene.b.failed == 0);
}

TEST_CASE("agents find each other over a lossy, reordering network", "[ice][rfc8445]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    IceScene scene({.loss_percent = 30, .duplicate_percent = 10, .delay = 20ms, .jitter = 100ms}, seed);
    scene.start();
    scene.run(20s);
    check_joined(scene);
  }
}

TEST_CASE("a full agent joins a lite one, which sends no checks of its own", "[ice][rfc8445]") {
  IceScene scene;
  scene.b.plan.lite = true;
  SECTION("with the role it should have") {}
  SECTION("and controls whatever the plan says") { scene.a.plan.controlling = false; }
  scene.start();
  scene.run(60s);
  check_joined(scene);
  CHECK(scene.b.sent <= scene.a.sent);  // answers only
  CHECK(scene.b.consent_lost == 0);
}

TEST_CASE("two lite agents take each other's best candidate without a check", "[ice][rfc8445]") {
  IceScene scene;
  scene.a.plan.lite = scene.b.plan.lite = true;
  IceScene::open(scene.b, host("192.0.2.9:2009", Component::Rtp, 10));
  scene.start();
  scene.run(60s);
  check_joined(scene);
  CHECK(scene.a.sent + scene.b.sent == 0);
}

TEST_CASE("RTP and RTCP are selected separately", "[ice][rfc8445]") {
  IceScene scene;
  IceScene::open(scene.a, host("192.0.2.1:1001", Component::Rtcp));
  IceScene::open(scene.b, host("192.0.2.2:2001", Component::Rtcp));
  scene.start();
  scene.run(2s);
  check_joined(scene);
  CHECK(scene.a.media(Component::Rtcp) == address("192.0.2.2:2001"));
  CHECK(scene.b.media(Component::Rtcp) == address("192.0.2.1:1001"));
  SECTION("and a later plan may drop RTCP (rtcp-mux)") {
    for (IceSide* side : {&scene.a, &scene.b}) {
      side->plan.local_candidates.resize(1);
      scene.update(*side);
    }
    scene.run(60s);
    check_joined(scene);
    CHECK_FALSE(scene.a.media(Component::Rtcp));
    CHECK(scene.a.consent_lost == 0);
  }
}

TEST_CASE("a peer with one component does not hold up the other", "[ice]") {
  IceScene scene;
  IceScene::open(scene.a, host("192.0.2.1:1001", Component::Rtcp));
  scene.start();
  scene.run(60s);
  check_joined(scene);
  CHECK(scene.a.failed == 0);
}

TEST_CASE("a role conflict is resolved by the tie breaker", "[ice][rfc8445]") {
  const bool both = GENERATE(true, false);
  const std::uint64_t of_b = GENERATE(1U, 1000U);
  IceScene scene;
  scene.a.plan.controlling = scene.b.plan.controlling = both;
  scene.b.plan.tie_breaker = of_b;
  scene.start();
  scene.run(5s);
  check_joined(scene);
}

TEST_CASE("the better candidate is nominated, a dead one is not waited for long", "[ice]") {
  IceScene scene;
  IceScene::open(scene.b, host("192.0.2.3:2003", Component::Rtp, 100, "2"));
  scene.b.sockets[Component::Rtp] = kB;
  SECTION("the first one works") {
    scene.start();
    scene.run(2s);
    CHECK(scene.a.media() == kB);
  }
  SECTION("only the worse one works") {
    scene.b.sockets[Component::Rtp] = address("192.0.2.3:2003");
    scene.start();
    scene.run(2s);
    CHECK(scene.a.media() == address("192.0.2.3:2003"));
    CHECK(scene.b.media() == kA);
  }
}

TEST_CASE("a peer behind a NAT shows up as peer-reflexive", "[ice][rfc8445]") {
  const bool lite = GENERATE(false, true);
  IceScene scene;
  scene.a.plan.lite = lite;
  scene.a.plan.controlling = false;
  scene.b.plan.controlling = true;
  const SocketAddress outside = address("203.0.113.7:50000");
  scene.mappings[outside] = kB;
  scene.translate = [&](const SocketAddress& from, const SocketAddress& to) -> std::optional<SocketAddress> {
    if (to == kB) return std::nullopt;  // its private address cannot be reached
    return from == kB ? outside : from;
  };
  scene.start();
  SECTION("with a private candidate") {}
  SECTION("with none at all, as with mDNS names") {
    scene.a.plan.remote_candidates.clear();
    scene.make(scene.a);
  }
  scene.run(60s);
  CHECK(scene.a.media() == outside);
  CHECK(scene.b.media() == kA);
  CHECK(scene.a.agent->is_validated(Component::Rtp, outside));
  CHECK_FALSE(scene.a.agent->is_validated(Component::Rtp, kB));
  CHECK_FALSE(scene.a.agent->is_validated(Component::Rtcp, outside));
}

TEST_CASE("checks that overtake the answer are answered and remembered", "[ice][rfc8445]") {
  const bool lite = GENERATE(false, true);
  IceScene scene;
  scene.b.plan.lite = lite;
  scene.b.plan.controlling = false;
  IceScene::tell(scene.b, scene.a);
  scene.make(scene.a);
  scene.make(scene.b);  // knows nothing of a
  scene.run(1s);
  CHECK(scene.b.agent->is_validated(Component::Rtp, kA));
  CHECK_FALSE(scene.b.media());
  CHECK(scene.a.media() == kB);
  IceScene::tell(scene.a, scene.b);
  scene.b.plan.remote_candidates.clear();
  scene.update(scene.b);
  scene.run(1s);
  check_joined(scene);
}

TEST_CASE("silence ends consent after 30 seconds", "[ice][rfc7675]") {
  const bool lite = GENERATE(false, true);
  IceScene scene;
  scene.b.plan.lite = lite;
  scene.start();
  scene.run(20s);
  check_joined(scene);
  scene.set({.loss_percent = 100});
  scene.run(23s);
  CHECK(scene.a.consent_lost + scene.b.consent_lost == 0);
  scene.run(8s);
  CHECK(scene.a.consent_lost == 1);
  CHECK(scene.b.consent_lost == 1);
  CHECK_FALSE(scene.a.media());
  CHECK(scene.a.agent->state() == State::Disconnected);
}

TEST_CASE("an ICE restart keeps the old pair until the new one is selected", "[ice][rfc8445]") {
  IceScene scene;
  scene.start();
  scene.run(10s);
  scene.a.plan.local = {"AAAA", "AAAAAAAAAAAAAAAAAAAAAA"};
  scene.a.plan.remote.reset();
  scene.update(scene.a);  // the offer is out
  scene.run(100s);        // and the answer takes its time
  check_joined(scene);
  CHECK(scene.a.consent_lost + scene.b.consent_lost == 0);
  scene.b.plan.local = {"BBBB", "BBBBBBBBBBBBBBBBBBBBBB"};
  IceScene::tell(scene.a, scene.b);
  IceScene::tell(scene.b, scene.a);
  scene.update(scene.b);
  CHECK(scene.b.media() == kA);
  scene.run(20ms);
  scene.update(scene.a);
  CHECK(scene.a.media() == kB);
  scene.run(100s);
  check_joined(scene);
  CHECK(scene.a.selected.size() == 2);
  CHECK(scene.b.selected.size() == 2);
  CHECK(scene.a.consent_lost + scene.b.consent_lost == 0);
}

TEST_CASE("an ICE restart moves media to a new address", "[ice][rfc8445]") {
  IceScene scene;
  scene.start();
  scene.run(10s);
  scene.b.plan.local = {"BBBB", "BBBBBBBBBBBBBBBBBBBBBB"};
  scene.a.plan.local = {"AAAA", "AAAAAAAAAAAAAAAAAAAAAA"};
  scene.b.plan.local_candidates = {host("198.51.100.2:2222")};
  scene.b.sockets[Component::Rtp] = address("198.51.100.2:2222");
  IceScene::tell(scene.a, scene.b);
  IceScene::tell(scene.b, scene.a);
  scene.update(scene.a);
  scene.update(scene.b);
  scene.run(5s);
  CHECK(scene.a.media() == address("198.51.100.2:2222"));
  CHECK(scene.b.media() == kA);
}

TEST_CASE("an unchanged plan changes nothing", "[ice]") {
  IceScene scene;
  scene.start();
  scene.run(5s);
  const unsigned sent = scene.a.sent;
  scene.update(scene.a);
  scene.run(10ms);
  CHECK(scene.a.sent == sent);
  CHECK(scene.a.selected.size() == 1);
}

TEST_CASE("candidates that trickle in are checked", "[ice][rfc8838]") {
  IceScene scene;
  scene.start();
  scene.a.plan.remote_candidates.clear();
  scene.b.plan.remote_candidates.clear();
  scene.make(scene.a);
  scene.make(scene.b);
  scene.run(5s);
  CHECK(scene.a.agent->state() == State::Checking);
  scene.a.plan.remote_candidates = scene.b.plan.local_candidates;
  scene.update(scene.a);
  scene.run(2s);
  check_joined(scene);
}

TEST_CASE("a peer that cannot be reached fails once, with patience", "[ice][rfc8863]") {
  IceScene scene({.loss_percent = 100});
  scene.start();
  scene.run(39s);
  CHECK(scene.a.failed == 0);
  scene.run(60s);
  CHECK(scene.a.failed == 1);
  CHECK(scene.a.agent->state() == State::Failed);
  CHECK(scene.a.sent <= 8);  // one request and its repetitions
  SECTION("and joins when the way opens after all") {
    scene.set({.delay = 10ms});
    scene.make(scene.b);
    scene.run(5s);
    check_joined(scene);
  }
}

TEST_CASE("requests that prove nothing are refused, few of them a second", "[ice][rfc8489]") {
  IceScene scene;
  scene.start();
  auto& agent = *scene.a.agent;
  sends(agent);
  const SocketAddress stranger = address("198.51.100.66:666");
  const auto push = [&](const common::Bytes& bytes) {
    agent.on_datagram(bytes, Component::Rtp, stranger, scene.clock.now());
    return sends(agent);
  };
  const auto bare = stun::MessageWriter(stun::MessageClass::Request, stun::kBinding, {}).finish();
  CHECK(error_of(push(bare)) == 400);
  CHECK(error_of(push(check_for(scene.a.plan, "wrong password"))) == 401);
  Plan other = scene.a.plan;
  other.local.ufrag = "zzzz";
  CHECK(error_of(push(check_for(other, other.local.password))) == 401);
  CHECK_FALSE(agent.is_validated(Component::Rtp, stranger));
  std::size_t answered = 0;
  for (int i = 0; i < 1000; ++i) answered += push(bare).size();
  CHECK(answered <= 7);
  scene.clock.advance(1s);
  CHECK(error_of(push(bare)) == 400);
}

TEST_CASE("mutated checks and answers leave the agents standing", "[ice]") {
  common::crypto::SeededRandom random(77);
  IceScene scene;
  scene.start();
  scene.run(2s);
  const auto sample = check_for(scene.a.plan, scene.a.plan.local.password, true, "bbbb", 1000);
  for (int i = 0; i < 5000; ++i) {
    common::Bytes bytes = sample;
    for (std::uint32_t edits = random.u32() % 3 + 1; edits > 0; --edits) {
      bytes[random.u32() % bytes.size()] = static_cast<std::uint8_t>(random.u32());
    }
    bytes.resize(bytes.size() - random.u32() % 2 * (random.u32() % bytes.size()));
    scene.a.agent->on_datagram(bytes, Component::Rtp, address("198.51.100.66:666"), scene.clock.now());
  }
  scene.run(60s);
  check_joined(scene);
}

}  // namespace relay::ice
