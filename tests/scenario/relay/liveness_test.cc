#include <catch2/catch.hpp>

#include "tests/scenario/relay/call_parties.h"

using namespace tests;
using namespace std::chrono_literals;
using relay::session::EndCause;
using Causes = std::vector<EndCause>;

TEST_CASE("a browser that vanishes loses its call within 40 s although the trunk talks on", "[scenario][relay]") {
  RelayScene scene;
  Party& caller = scene.add(browser());
  Party& trunk = scene.add(plain_trunk());
  set_up(scene, caller, trunk, kTowardsPlain, kTowardsBrowser);
  scene.run(2s);
  Counter from_browser(caller);
  Counter from_trunk(trunk);
  scene.every_frame([&] {
    from_browser.frame(scene.clock.now());
    from_trunk.frame(scene.clock.now());
  });
  scene.run(60s);
  REQUIRE(scene.failures.empty());
  caller.silent = true;
  scene.run(25s);
  CHECK(scene.failures.empty());
  scene.run(15s);
  CHECK(scene.failures == Causes{EndCause::ConsentLost});
  scene.run(120s);
  CHECK(scene.failures == Causes{EndCause::ConsentLost});
}

TEST_CASE("nothing is sent to a browser that no longer consents", "[scenario][relay]") {
  RelayScene scene;
  Party& caller = scene.add(browser());
  Party& trunk = scene.add(plain_trunk());
  set_up(scene, caller, trunk, kTowardsPlain, kTowardsBrowser);
  scene.run(2s);
  Counter from_trunk(trunk);
  scene.every_frame([&] { from_trunk.frame(scene.clock.now()); });
  caller.silent = true;
  scene.run(40s);
  const auto sent = scene.leg_of(caller).rtp.sent.packets;
  scene.run(5s);
  CHECK(scene.leg_of(caller).rtp.sent.packets == sent);
}

TEST_CASE("a browser that never answers a check ends its call, but only once it is answered", "[scenario][relay]") {
  RelayScene scene;
  Party& caller = scene.add(browser());
  Party& trunk = scene.add(plain_trunk());
  caller.silent = true;
  scene.offer(caller, trunk, kTowardsPlain);
  scene.run(180s);
  CHECK(scene.failures.empty());
  scene.answer(trunk, caller, kTowardsBrowser);
  Counter from_trunk(trunk);
  scene.every_frame([&] { from_trunk.frame(scene.clock.now()); });
  scene.run(35s);
  CHECK(scene.failures.empty());
  scene.run(10s);
  CHECK(scene.failures == Causes{EndCause::ConsentLost});
}

TEST_CASE("silence of both ends a call after the media timeout, and not before it was answered", "[scenario][relay]") {
  RelayScene scene;
  Party::Traits phone = plain_trunk();
  phone.tag = "phone";
  phone.rtp = kBrowserAddress;
  Party& caller = scene.add(std::move(phone));
  Party& trunk = scene.add(plain_trunk());
  scene.offer(caller, trunk, kTowardsPlain);
  scene.run(240s);
  CHECK(scene.failures.empty());
  scene.answer(trunk, caller, kTowardsPlain);
  Counter talk(caller);
  talk.frame(scene.clock.now());
  scene.run(59s);
  CHECK(scene.failures.empty());
  talk.frame(scene.clock.now());
  scene.run(59s);
  CHECK(scene.failures.empty());
  scene.run(2s);
  CHECK(scene.failures == Causes{EndCause::MediaTimeout});
}

TEST_CASE("a call on hold by both is not silent, taking it back starts the clock anew", "[scenario][relay]") {
  RelayScene scene;
  Party::Traits phone = plain_trunk();
  phone.tag = "phone";
  phone.rtp = kBrowserAddress;
  Party& caller = scene.add(std::move(phone));
  Party& trunk = scene.add(plain_trunk());
  set_up(scene, caller, trunk, kTowardsPlain, kTowardsPlain);
  caller.direction = "inactive";
  trunk.direction = "inactive";
  set_up(scene, caller, trunk, kTowardsPlain, kTowardsPlain);
  scene.run(600s);
  CHECK(scene.failures.empty());
  caller.direction = "sendrecv";
  trunk.direction = "sendrecv";
  set_up(scene, caller, trunk, kTowardsPlain, kTowardsPlain);
  scene.run(50s);
  CHECK(scene.failures.empty());
  scene.run(11s);
  CHECK(scene.failures == Causes{EndCause::MediaTimeout});
}

TEST_CASE("an ended session says goodbye to DTLS and gives its ports back", "[scenario][relay]") {
  RelayScene scene;
  Party& caller = scene.add(browser());
  Party& trunk = scene.add(plain_trunk());
  set_up(scene, caller, trunk, kTowardsPlain, kTowardsBrowser);
  scene.run(2s);
  CHECK(scene.open_ports() == 4);
  scene.end();
  CHECK(scene.open_ports() == 0);
  CHECK(caller.dtls_closed);
}
