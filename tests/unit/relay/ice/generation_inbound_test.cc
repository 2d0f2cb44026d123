#include "tests/unit/relay/ice/generation_scene.h"
#include "tests/unit/relay/ice/unknown_attributes.h"

/// relay/ice/generation_inbound.cc: checks of the peer, and answers to ours.
namespace relay::ice {
namespace {

const SocketAddress kStranger = address("203.0.113.7:50000");

std::vector<Send> checks_in(const std::vector<Send>& sent) {
  std::vector<Send> checks;
  for (const Send& send : sent) {
    if (is_check(send)) checks.push_back(send);
  }
  return checks;
}

/// What the generation says to one check of the peer, checks of its own left out.
Send reply_to_check(GenerationScene& scene) {
  scene.sent.clear();
  scene.check_from(kPeer.address);
  REQUIRE_FALSE(scene.sent.empty());
  return scene.sent.front();
}

/// The first check to the peer, under way.
Send first_check(GenerationScene& scene) {
  scene.start();
  scene.run(0s);
  REQUIRE(scene.sent.size() == 1);
  return std::exchange(scene.sent, {}).front();
}

}  // namespace

TEST_CASE("a check is answered with its source, under our password, and its source is validated", "[ice][rfc8445]") {
  GenerationScene scene;
  scene.start();
  CHECK_FALSE(scene.generation->is_validated(Component::Rtp, kPeer.address));
  const Send reply = reply_to_check(scene);
  CHECK(view_of(reply).message_class() == stun::MessageClass::Success);
  CHECK(view_of(reply).xor_mapped_address() == kPeer.address);
  CHECK(view_of(reply).integrity_matches(scene.plan.local.password));
  CHECK(reply.remote == kPeer.address);
  CHECK(scene.generation->is_validated(Component::Rtp, kPeer.address));
  CHECK_FALSE(scene.generation->is_validated(Component::Rtcp, kPeer.address));
}

TEST_CASE("an attribute we must understand and do not is named in a 420, and proves nothing", "[ice][rfc8489]") {
  GenerationScene scene;
  scene.start();
  const common::Bytes check = write_check({1}, *scene.plan.remote, scene.plan.local, {});
  scene.receive(with_attributes(check, {0x7F24}), kStranger);
  REQUIRE(scene.sent.size() == 1);
  CHECK(error_of(scene.sent[0]) == 420);
  CHECK(view_of(scene.sent[0]).integrity_matches(scene.plan.local.password));
  CHECK_FALSE(scene.generation->is_validated(Component::Rtp, kStranger));
}

TEST_CASE("when both control, or neither, the greater tie breaker controls", "[ice][rfc8445]") {
  GenerationScene scene;
  const bool both_control = GENERATE(true, false);
  scene.plan.controlling = scene.they_control = both_control;
  scene.plan.remote_candidates.clear();
  SECTION("a greater one of ours makes the peer control less") {
    scene.their_tie_breaker = scene.plan.tie_breaker - 1;
    scene.start();
    const Send reply = reply_to_check(scene);
    CHECK(error_of(reply) == (both_control ? 487 : 0));
    scene.run(100ms);
    const auto checks = checks_in(scene.sent);
    if (!both_control) {
      REQUIRE(checks.size() == 1);
      CHECK(view_of(checks[0]).controlling());
    }
  }
  SECTION("a greater one of the peer's makes us give way") {
    scene.their_tie_breaker = scene.plan.tie_breaker + 1;
    scene.start();
    const Send reply = reply_to_check(scene);
    CHECK(error_of(reply) == (both_control ? 0 : 487));
    scene.run(100ms);
    const auto checks = checks_in(scene.sent);
    if (both_control) {
      REQUIRE(checks.size() == 1);
      CHECK(view_of(checks[0]).controlled());
    }
  }
  SECTION("an equal one counts as ours being greater") {
    scene.their_tie_breaker = scene.plan.tie_breaker;
    scene.start();
    CHECK(error_of(reply_to_check(scene)) == (both_control ? 487 : 0));
  }
}

TEST_CASE("a check that is refused for its role validates nobody", "[ice][rfc8445]") {
  GenerationScene scene;
  scene.plan.controlling = true;
  scene.start();
  scene.check_from(kStranger, true);
  CHECK(error_of(scene.sent.front()) == 487);
  CHECK_FALSE(scene.generation->is_validated(Component::Rtp, kStranger));
}

TEST_CASE("a lite agent never controls, whatever the peer's tie breaker", "[ice][rfc8445]") {
  GenerationScene scene;
  scene.plan.lite = true;
  scene.they_control = false;
  scene.their_tie_breaker = 0;
  scene.start();
  CHECK(error_of(reply_to_check(scene)) == 487);
}

TEST_CASE("a source nobody has named is checked back", "[ice][rfc8445]") {
  GenerationScene scene;
  scene.plan.remote_candidates.clear();
  scene.start();
  scene.check_from(kStranger, true);
  scene.run(0s);
  const auto checks = checks_in(scene.sent);
  REQUIRE(checks.size() == 1);
  CHECK(checks[0].remote == kStranger);
  CHECK(scene.selected.empty());
  scene.answer(checks[0]);
  CHECK(scene.selected == std::vector<SocketAddress>{kStranger});
}

TEST_CASE("checks that overtake the peer's credentials are remembered, nominations too, sixteen of them", "[ice]") {
  GenerationScene scene;
  scene.plan.remote.reset();
  scene.plan.remote_candidates.clear();
  scene.plan.lite = true;
  Generation& generation = scene.start();
  for (std::uint16_t port = 1; port <= 100; ++port) {
    scene.check_from({kStranger.ip, {port}}, false);
  }
  CHECK(scene.sent.size() == 100);
  scene.check_from({kStranger.ip, {16}}, true);
  scene.check_from({kStranger.ip, {16}}, false);
  scene.check_from({kStranger.ip, {17}}, true);
  CHECK_FALSE(generation.has_selected());
  scene.plan.remote = Credentials{"them", "their password, longer"};
  generation.update(scene.plan, scene.clock.now());
  scene.take();
  CHECK(scene.selected == std::vector<SocketAddress>{SocketAddress{kStranger.ip, {16}}});
}

TEST_CASE("a peer that checks from ever new addresses fills no table", "[ice]") {
  GenerationScene scene;
  const bool known = GENERATE(true, false);
  if (!known) scene.plan.remote.reset();
  Generation& generation = scene.start();
  std::size_t answers = 0;
  for (std::uint16_t port = 1; port < 5000; ++port) {
    scene.check_from({kStranger.ip, {port}}, true);
    answers += std::exchange(scene.sent, {}).size();
  }
  CHECK(answers == 4999);
  std::size_t validated = 0;
  for (std::uint16_t port = 1; port < 5000; ++port) {
    validated += generation.is_validated(Component::Rtp, {kStranger.ip, {port}});
  }
  CHECK(validated == 16);
  CHECK(generation.is_validated(Component::Rtp, {kStranger.ip, {4999}}));
}

TEST_CASE("a check that meets ours under way has it repeated, unless it has only just been sent", "[ice][rfc8445]") {
  GenerationScene scene;
  first_check(scene);
  scene.clock.advance(99ms);
  scene.check_from(kPeer.address);
  scene.run(0s);
  CHECK(checks_in(scene.sent).empty());
  scene.clock.advance(1ms);
  scene.check_from(kPeer.address);
  scene.run(0s);
  CHECK(checks_in(scene.sent).size() == 1);
}

TEST_CASE("a check of a pair that has failed tries it again", "[ice][rfc8445]") {
  GenerationScene scene;
  const Send check = first_check(scene);
  scene.answer(check, 400);
  scene.run(5s);
  REQUIRE(checks_in(scene.sent).empty());
  scene.check_from(kPeer.address);
  scene.run(50ms);
  CHECK(checks_in(scene.sent).size() == 1);
}

TEST_CASE("a nomination of a valid pair selects it at once, one of a pair under way when that succeeds",
          "[ice][rfc8445]") {
  GenerationScene scene;
  const Send check = first_check(scene);
  SECTION("valid") {
    scene.answer(check);
    CHECK(scene.selected.empty());
    scene.check_from(kPeer.address, true);
  }
  SECTION("under way") {
    scene.check_from(kPeer.address, true);
    CHECK(scene.selected.empty());
    scene.answer(check);
  }
  CHECK(scene.selected == std::vector<SocketAddress>{kPeer.address});
}

TEST_CASE("a lite agent selects what its peer nominates, without a check of its own", "[ice][rfc8445]") {
  GenerationScene scene;
  scene.plan.lite = true;
  scene.start();
  scene.check_from(kPeer.address);
  CHECK(scene.selected.empty());
  scene.check_from(kPeer.address, true);
  CHECK(scene.selected == std::vector<SocketAddress>{kPeer.address});
  scene.run(60s);
  CHECK(checks_in(scene.sent).empty());
}

TEST_CASE("an answer to no check of ours belongs to somebody else", "[ice]") {
  GenerationScene scene;
  Send check = first_check(scene);
  check.bytes[10] ^= 1;  // another transaction
  CHECK_FALSE(scene.answer(check));
}

TEST_CASE("an answer under another password changes nothing, the right one may still come", "[ice][rfc8445]") {
  GenerationScene scene;
  const Send check = first_check(scene);
  CHECK(scene.answer_from(check, kPeer.address, 0, "wrong"));
  CHECK(scene.answer_from(check, kPeer.address, 400, "wrong"));
  CHECK_FALSE(scene.generation->is_validated(Component::Rtp, kPeer.address));
  CHECK(scene.answer(check));
  CHECK(scene.generation->is_validated(Component::Rtp, kPeer.address));
}

TEST_CASE("an answer from elsewhere than the check went fails the pair and validates neither", "[ice][rfc8445]") {
  GenerationScene scene;
  const Send check = first_check(scene);
  CHECK(scene.answer_from(check, kStranger, 0, scene.plan.remote->password));
  CHECK_FALSE(scene.generation->is_validated(Component::Rtp, kStranger));
  CHECK_FALSE(scene.generation->is_validated(Component::Rtp, kPeer.address));
  CHECK_FALSE(scene.answer(check));
  CHECK(scene.sent_within(30s).empty());
}

TEST_CASE("a role conflict that the peer reports turns our role and the check is made again", "[ice][rfc8445]") {
  GenerationScene scene;
  scene.plan.controlling = GENERATE(true, false);
  const Send check = first_check(scene);
  scene.answer(check, 487);
  scene.run(50ms);
  const auto checks = checks_in(scene.sent);
  REQUIRE(checks.size() == 1);
  CHECK(view_of(checks[0]).controlling().has_value() == !scene.plan.controlling);
  CHECK(view_of(checks[0]).controlling() != 500U);  // a new tie breaker
  CHECK(view_of(checks[0]).controlled() != 500U);
}

TEST_CASE("a conflict about a role that we have given up already does not turn it back", "[ice][rfc8445]") {
  GenerationScene scene;
  scene.plan.controlling = true;
  scene.their_tie_breaker = 1000;
  const Send check = first_check(scene);
  scene.check_from(kPeer.address);  // the peer controls and wins
  scene.answer(check, 487);         // to what we were when the check was sent
  scene.sent.clear();
  scene.run(50ms);
  const auto checks = checks_in(scene.sent);
  REQUIRE(checks.size() == 1);
  CHECK(view_of(checks[0]).controlled());
}

TEST_CASE("consent is answered by the selected pair under its password, and revoked by it with a 403",
          "[ice][rfc7675]") {
  GenerationScene scene;
  const Send check = first_check(scene);
  scene.check_from(kPeer.address, true);
  scene.answer(check);
  REQUIRE(scene.selected.size() == 1);
  const auto asked = scene.sent_within(6s);
  REQUIRE(asked.size() == 1);
  const Send& consent = asked[0].send;
  const std::string& password = scene.plan.remote->password;
  SECTION("a 403 ends it at once") {
    CHECK(scene.answer(consent, 403));
    CHECK(scene.consent_lost == 1);
    CHECK_FALSE(scene.generation->has_selected());
  }
  SECTION("another error does not, but is no consent either") {
    CHECK(scene.answer(consent, 400));
    CHECK(scene.consent_lost == 0);
    scene.run(24s);
    CHECK(scene.consent_lost == 1);
  }
  SECTION("neither a 403 from elsewhere nor a forged one counts, nor do such answers") {
    CHECK(scene.answer_from(consent, kStranger, 403, password));
    CHECK(scene.answer_from(consent, kPeer.address, 403, "wrong"));
    CHECK(scene.consent_lost == 0);
    CHECK(scene.answer_from(consent, kStranger, 0, password));
    CHECK(scene.answer_from(consent, kPeer.address, 0, "wrong"));
    scene.run(24s);
    CHECK(scene.consent_lost == 1);
  }
  SECTION("an answer renews it") {
    CHECK(scene.answer(consent));
    scene.run(24s);
    CHECK(scene.consent_lost == 0);
  }
}

}  // namespace relay::ice
