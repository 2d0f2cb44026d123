#include "relay/ice/consent.h"

#include <catch2/catch.hpp>

#include <set>

#include "common/time/manual_clock.h"

namespace relay::ice {
namespace {

using namespace std::chrono_literals;

struct Scene {
  common::crypto::SeededRandom random{7675};
  common::ManualClock clock;

  common::Instant in(common::Duration delay) const { return clock.now() + delay; }
  stun::TransactionId id() {
    stun::TransactionId made;
    random.fill(made);
    return made;
  }
};

}  // namespace

TEST_CASE("a check of consent is due five seconds after the last one, give or take a fifth", "[ice][rfc7675]") {
  Scene scene;
  std::set<common::Duration> intervals;
  Consent consent = Consent::asking(scene.random, scene.clock.now());
  for (int i = 0; i < 200; ++i) {
    consent.on_answer(scene.clock.now());
    const common::Duration interval = *consent.next_timeout() - scene.clock.now();
    CHECK(interval >= 4s);
    CHECK(interval <= 6s);
    CHECK_FALSE(consent.due(scene.in(interval - 1ms)));
    CHECK(consent.due(scene.in(interval)));
    intervals.insert(interval);
    scene.clock.advance(interval);
    consent.on_sent(scene.id(), scene.random, scene.clock.now());
  }
  CHECK(intervals.size() > 100);
  CHECK(*intervals.begin() < 4200ms);
  CHECK(*intervals.rbegin() > 5800ms);
}

TEST_CASE("without an answer consent ends 30 seconds after it began", "[ice][rfc7675]") {
  Scene scene;
  Consent consent = Consent::asking(scene.random, scene.clock.now());
  for (int i = 0; i < 6; ++i) consent.on_sent(scene.id(), scene.random, scene.in(25s));  // asking alone renews nothing
  CHECK_FALSE(consent.expired(scene.in(30s - 1ms)));
  CHECK(consent.expired(scene.in(30s)));
  CHECK(consent.next_timeout() <= scene.in(30s));
}

TEST_CASE("each answer gives consent for 30 seconds more", "[ice][rfc7675]") {
  Scene scene;
  Consent consent = Consent::asking(scene.random, scene.clock.now());
  consent.on_answer(scene.in(29s));
  CHECK_FALSE(consent.expired(scene.in(58s)));
  CHECK(consent.expired(scene.in(59s)));
}

TEST_CASE("a check of the peer is no answer to ours", "[ice][rfc7675]") {
  Scene scene;
  Consent consent = Consent::asking(scene.random, scene.clock.now());
  consent.on_check(scene.in(20s));
  CHECK(consent.expired(scene.in(30s)));
}

TEST_CASE("an answer may be to any check of the last 30 seconds, and to no other", "[ice][rfc7675]") {
  Scene scene;
  Consent consent = Consent::asking(scene.random, scene.clock.now());
  CHECK_FALSE(consent.owns({}));
  std::vector<stun::TransactionId> ids;
  for (int i = 0; i < 12; ++i) {
    ids.push_back(scene.id());
    consent.on_sent(ids.back(), scene.random, scene.clock.now());
    scene.clock.advance(4s);  // the shortest interval there is
  }
  for (std::size_t back = 1; back <= 8; ++back) CHECK(consent.owns(ids[ids.size() - back]));
  CHECK_FALSE(consent.owns(ids.front()));
  CHECK_FALSE(consent.owns({}));
}

TEST_CASE("a lite agent asks nothing, and a peer that never checks again has no consent to lose", "[ice][rfc7675]") {
  Scene scene;
  Consent consent = Consent::watching(scene.clock.now());
  consent.on_check(scene.in(999ms));  // still the one that nominated, repeated
  CHECK_FALSE(consent.next_timeout());
  CHECK_FALSE(consent.due(scene.in(1h)));
  CHECK_FALSE(consent.expired(scene.in(1h)));
}

TEST_CASE("a lite agent takes a peer that checks for gone 30 seconds after its last check", "[ice][rfc7675]") {
  Scene scene;
  Consent consent = Consent::watching(scene.clock.now());
  consent.on_check(scene.in(1s));
  CHECK(consent.next_timeout() == scene.in(31s));
  consent.on_check(scene.in(20s));
  CHECK_FALSE(consent.expired(scene.in(49s)));
  CHECK(consent.expired(scene.in(50s)));
  CHECK_FALSE(consent.due(scene.in(1h)));
}

}  // namespace relay::ice
