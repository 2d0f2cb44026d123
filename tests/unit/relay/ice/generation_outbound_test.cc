#include "tests/unit/relay/ice/generation_scene.h"

/// relay/ice/generation_outbound.cc: what goes out by the clock.
namespace relay::ice {
namespace {

const Candidate kBest = host("198.51.100.1:1", Component::Rtp, 900);
const Candidate kWorse = host("198.51.100.2:2", Component::Rtp, 800, "2");

std::vector<Candidate> candidates(std::uint16_t count) {
  std::vector<Candidate> made;
  for (std::uint16_t i = 0; i < count; ++i) {
    made.push_back(
        host("198.51.100.1:1", Component::Rtp, static_cast<std::uint16_t>(900 - i), std::to_string(i).c_str()));
    made.back().address.port.value = static_cast<std::uint16_t>(100 + i);
  }
  return made;
}

std::vector<common::Duration> times_of(const std::vector<GenerationScene::Timed>& timed) {
  std::vector<common::Duration> times;
  for (const auto& each : timed) times.push_back(each.after);
  return times;
}

/// A controlling agent with a better and a worse pair.
GenerationScene controlling_scene() {
  GenerationScene scene;
  scene.plan.controlling = true;
  scene.they_control = false;
  scene.plan.remote_candidates = {kBest, kWorse};
  return scene;
}

/// Of the last message sent to `remote`.
const Send& last_to(const GenerationScene& scene, const SocketAddress& remote) {
  const Send* last = nullptr;
  for (const Send& send : scene.sent) {
    if (send.remote == remote) last = &send;
  }
  REQUIRE(last != nullptr);
  return *last;
}

}  // namespace

TEST_CASE("first checks go out one every 50 ms, the best pair first", "[ice][rfc8445]") {
  GenerationScene scene;
  scene.plan.remote_candidates = candidates(5);
  scene.start();
  const auto timed = scene.sent_within(450ms);
  CHECK(times_of(timed) == std::vector<common::Duration>{0ms, 50ms, 100ms, 150ms, 200ms});
  for (std::size_t i = 0; i < timed.size(); ++i) CHECK(timed[i].send.remote == scene.plan.remote_candidates[i].address);
}

TEST_CASE("a timeout that comes early sends nothing before its time", "[ice][rfc8445]") {
  GenerationScene scene;
  scene.plan.remote_candidates = candidates(2);
  Generation& generation = scene.start();
  for (const auto after : {0ms, 1ms, 49ms}) {
    generation.on_timeout(scene.clock.now() + after);
    scene.take();
    CHECK(scene.sent.size() == 1);
  }
  generation.on_timeout(scene.clock.now() + 50ms);
  scene.take();
  CHECK(scene.sent.size() == 2);
}

TEST_CASE("a check that is never answered fails its pair, which the peer may bring back", "[ice][rfc8489]") {
  GenerationScene scene;
  scene.start();
  CHECK(scene.sent_within(31500ms).size() == 7);
  scene.check_from(kPeer.address);  // meets the last check
  CHECK(scene.sent_within(7999ms).empty());
  CHECK(scene.sent_within(10s).empty());
  scene.check_from(kPeer.address);
  CHECK(scene.sent_within(1s).size() == 2);
}

TEST_CASE("a check without answer is repeated after 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 seconds", "[ice][rfc8489]") {
  GenerationScene scene;
  scene.start();
  const auto timed = scene.sent_within(39s);
  CHECK(times_of(timed) == std::vector<common::Duration>{0ms, 500ms, 1500ms, 3500ms, 7500ms, 15500ms, 31500ms});
  for (const auto& each : timed) CHECK(each.send.bytes == timed[0].send.bytes);
}

TEST_CASE("the more pairs are at work, the longer a check waits to be repeated", "[ice][rfc8445]") {
  GenerationScene scene;
  scene.plan.remote_candidates = candidates(20);
  scene.start();
  const auto timed = scene.sent_within(2s);
  std::vector<common::Duration> of_first;
  for (const auto& each : timed) {
    if (each.send.bytes == timed[0].send.bytes) of_first.push_back(each.after);
  }
  CHECK(of_first == std::vector<common::Duration>{0ms, 1000ms});  // 20 pairs, 50 ms each
}

TEST_CASE("a check says the priority that a peer-reflexive candidate of ours would have", "[ice][rfc8445]") {
  GenerationScene scene;
  scene.start();
  const auto timed = scene.sent_within(0s);
  REQUIRE(timed.size() == 1);
  CHECK(view_of(timed[0].send).priority() == (110U << 24 | 65535U << 8 | 255U));
}

TEST_CASE("only a controlling agent nominates, by a check with USE-CANDIDATE on a valid pair", "[ice][rfc8445]") {
  GenerationScene scene;
  scene.plan.controlling = GENERATE(true, false);
  scene.start();
  const auto checks = scene.sent_within(0s);
  REQUIRE(checks.size() == 1);
  CHECK_FALSE(view_of(checks[0].send).use_candidate());
  scene.answer(checks[0].send);
  CHECK(scene.selected.empty());
  const auto after = scene.sent_within(1s);
  if (!scene.plan.controlling) {
    CHECK(after.empty());
    return;
  }
  REQUIRE_FALSE(after.empty());
  CHECK(after[0].after == 50ms);
  CHECK(view_of(after[0].send).use_candidate());
  scene.answer(after[0].send);
  CHECK(scene.selected == std::vector<SocketAddress>{kPeer.address});
}

TEST_CASE("a better pair has half a second to become valid before a worse one is nominated", "[ice][rfc8445]") {
  GenerationScene scene = controlling_scene();
  scene.start();
  scene.run(50ms);
  REQUIRE(scene.sent.size() == 2);
  const std::vector<Send> checks = std::exchange(scene.sent, {});
  const auto now_nominated = [&]() -> std::optional<SocketAddress> {
    for (const Send& send : scene.sent) {
      if (view_of(send).use_candidate()) return send.remote;
    }
    return std::nullopt;
  };
  SECTION("the best one is nominated at once") {
    scene.answer(checks[0]);
    scene.run(50ms);
    CHECK(now_nominated() == kBest.address);
  }
  SECTION("the worse one waits, in vain if the better succeeds") {
    scene.answer(checks[1]);
    scene.run(490ms);
    CHECK_FALSE(now_nominated());
    scene.answer(checks[0]);
    scene.run(50ms);
    CHECK(now_nominated() == kBest.address);
  }
  SECTION("the worse one is nominated after the half second") {
    scene.answer(checks[1]);
    scene.run(550ms);
    CHECK(now_nominated() == kWorse.address);
  }
  SECTION("or as soon as the better one has failed") {
    scene.answer(checks[1]);
    scene.answer(checks[0], 400);
    scene.run(50ms);
    CHECK(now_nominated() == kWorse.address);
  }
}

TEST_CASE("after lost consent a better pair has its half second again", "[ice][rfc7675]") {
  GenerationScene scene = controlling_scene();
  scene.plan.remote_candidates.push_back(host("198.51.100.3:3", Component::Rtp, 700, "3"));
  scene.start();
  scene.run(0s);
  scene.answer(scene.sent.at(0));
  scene.run(50ms);
  const Send nomination = last_to(scene, kBest.address);
  REQUIRE(view_of(nomination).use_candidate());
  scene.answer(nomination);
  REQUIRE(scene.selected.size() == 1);
  while (scene.consent_lost == 0) scene.run(1s);
  scene.run(100ms);
  const SocketAddress third = address("198.51.100.3:3");
  scene.answer(last_to(scene, third));
  scene.sent.clear();
  scene.run(490ms);
  for (const Send& send : scene.sent) CHECK_FALSE(view_of(send).use_candidate());
  scene.run(60ms);
  CHECK(view_of(last_to(scene, third)).use_candidate());
}

TEST_CASE("a refused nomination fails its pair, and the other valid one is nominated", "[ice][rfc8445]") {
  GenerationScene scene = controlling_scene();
  scene.start();
  scene.run(50ms);
  for (const Send& check : std::exchange(scene.sent, {})) scene.answer(check);
  scene.run(100ms);
  const Send nomination = last_to(scene, kBest.address);
  REQUIRE(view_of(nomination).use_candidate());
  scene.answer(nomination, 400);
  scene.run(100ms);
  CHECK(view_of(last_to(scene, kWorse.address)).use_candidate());
}

TEST_CASE("once a pair is selected nothing goes out but a check of consent every four to six seconds",
          "[ice][rfc7675]") {
  GenerationScene scene = controlling_scene();
  scene.start();
  scene.run(50ms);
  for (const Send& check : std::exchange(scene.sent, {})) scene.answer(check);
  scene.run(50ms);
  for (const Send& check : std::exchange(scene.sent, {})) scene.answer(check);
  REQUIRE(scene.selected == std::vector<SocketAddress>{kBest.address});
  for (int i = 0; i < 20; ++i) {
    const common::Instant begin = scene.clock.now();
    scene.sent.clear();
    scene.clock.advance_to(*scene.generation->next_timeout());
    scene.generation->on_timeout(scene.clock.now());
    scene.take();
    REQUIRE(scene.sent.size() == 1);
    const Send check = scene.sent.front();
    CHECK(check.remote == kBest.address);
    CHECK_FALSE(view_of(check).use_candidate());
    CHECK(view_of(check).integrity_matches(scene.plan.remote->password));
    CHECK(scene.clock.now() - begin >= 4s);
    CHECK(scene.clock.now() - begin <= 6s);
    scene.answer(check);
  }
  CHECK(scene.consent_lost == 0);
}

}  // namespace relay::ice
