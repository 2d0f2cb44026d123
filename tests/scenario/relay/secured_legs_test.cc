#include <catch2/catch.hpp>

#include "tests/scenario/relay/call_parties.h"

using namespace tests;
using namespace std::chrono_literals;

namespace {

constexpr Impairment kBadNetwork{.loss_percent = 5, .duplicate_percent = 3, .delay = 10ms, .jitter = 30ms};

/// Both talk for ten seconds over a bad network; what is heard is whole, is theirs, and is about as much as is left
/// after two lossy ways.
void talk_over_bad_network(RelayScene& scene, Party& a, Party& b) {
  scene.run(5s);
  REQUIRE(a.ready());
  REQUIRE(b.ready());
  Counter from_a(a);
  Counter from_b(b);
  scene.every_frame([&] {
    from_a.frame(scene.clock.now());
    from_b.frame(scene.clock.now());
  });
  scene.run(10s);
  for (const auto& [from, to] : {std::pair{&from_a, &b}, {&from_b, &a}}) {
    const auto numbers = Counter::numbers(*to);
    const std::set<std::uint32_t> once(numbers.begin(), numbers.end());
    CAPTURE(to->traits.tag, from->sent(), once.size(), to->heard.size());
    CHECK(from->sent() >= 499);
    CHECK(numbers.size() == to->heard.size());
    CHECK(once.size() > from->sent() * 80 / 100);
    CHECK(once.size() < from->sent());
  }
  // Copies made on the way to the relay die there: a receiver sees at most those of its own last hop.
  for (const Party* to : {&a, &b}) {
    if (!to->traits.dtls && !to->traits.sdes) continue;
    const auto numbers = Counter::numbers(*to);
    CHECK(numbers.size() == std::set<std::uint32_t>(numbers.begin(), numbers.end()).size());
  }
}

}  // namespace

TEST_CASE("a browser and an SDES trunk hear each other over a bad network", "[scenario][relay]") {
  RelayScene scene(kBadNetwork, 7);
  Party& caller = scene.add(browser());
  Party& trunk = scene.add(sdes_trunk());
  set_up(scene, caller, trunk, kTowardsSdes, kTowardsBrowser);
  talk_over_bad_network(scene, caller, trunk);
  CHECK(scene.leg_of(caller).ice_connected);
  CHECK(scene.leg_of(caller).dtls_connected);
  CHECK(scene.leg_of(trunk).security == "AES_CM_128_HMAC_SHA1_80");
}

TEST_CASE("an SDES phone and a plain trunk hear each other over a bad network, with every suite", "[scenario][relay]") {
  const auto& facts = GENERATE(from_range(std::begin(relay::srtp::kSuites), std::end(relay::srtp::kSuites)));
  CAPTURE(facts.sdes_name);
  RelayScene scene(kBadNetwork, 8);
  Party::Traits phone = sdes_trunk(facts.suite);
  phone.tag = "phone";
  phone.rtp = kBrowserAddress;
  Party& caller = scene.add(std::move(phone));
  Party& trunk = scene.add(plain_trunk());
  set_up(scene, caller, trunk, kTowardsPlain, kTowardsSdes);
  talk_over_bad_network(scene, caller, trunk);
  CHECK(scene.leg_of(caller).security == facts.sdes_name);
}

TEST_CASE("a plain trunk calls a browser over a bad network", "[scenario][relay]") {
  RelayScene scene(kBadNetwork, 9);
  Party& trunk = scene.add(plain_trunk());
  Party& callee = scene.add(browser());
  set_up(scene, trunk, callee, kTowardsBrowser, kTowardsPlain);
  talk_over_bad_network(scene, trunk, callee);
}

TEST_CASE("packets that a network replays are refused and counted", "[scenario][relay]") {
  RelayScene scene;
  Party& caller = scene.add(browser());
  Party& trunk = scene.add(plain_trunk());
  set_up(scene, caller, trunk, kTowardsPlain, kTowardsBrowser);
  scene.run(2s);
  Counter talk(caller);
  for (int i = 0; i < 60; ++i) talk.frame(scene.clock.now());
  scene.run(1s);
  REQUIRE(trunk.heard.size() == 60);
  const auto errors = scene.leg_of(caller).rtp.received.errors;
  scene.replay_last_packets_of(caller, 50);
  scene.run(1s);
  CHECK(trunk.heard.size() == 60);
  CHECK(scene.leg_of(caller).rtp.received.errors == errors + 50);
}

TEST_CASE("ICE and DTLS come up although a fifth of the packets is lost", "[scenario][relay]") {
  const auto seed = GENERATE(range(1, 11));
  CAPTURE(seed);
  RelayScene scene({.loss_percent = 20, .delay = 30ms, .jitter = 20ms}, static_cast<std::uint64_t>(seed));
  Party& caller = scene.add(browser());
  Party& trunk = scene.add(plain_trunk());
  set_up(scene, caller, trunk, kTowardsPlain, kTowardsBrowser);
  scene.run(15s);
  CHECK(caller.ready());
  CHECK(scene.leg_of(caller).ice_connected);
  CHECK(scene.leg_of(caller).dtls_connected);
  CHECK(scene.failures.empty());
}

TEST_CASE("a certificate other than the announced one gets no media", "[scenario][relay]") {
  RelayScene scene;
  Party& caller = scene.add(browser());
  Party& trunk = scene.add(plain_trunk());
  scene.offer(caller, trunk, kTowardsPlain);
  scene.answer(trunk, caller, kTowardsBrowser);
  Party::Traits impostor = browser();
  Party& other = scene.add(impostor);  // answers on the same address with a certificate of its own
  caller.silent = true;
  other.offer();
  other.take(scene.said, scene.clock.now());
  scene.run(10s);
  CHECK_FALSE(scene.leg_of(caller).dtls_connected);
  Counter trunk_talks(trunk);
  for (int i = 0; i < 20; ++i) trunk_talks.frame(scene.clock.now());
  scene.run(1s);
  CHECK(other.heard.empty());
  CHECK(scene.leg_of(caller).rtp.sent.packets == 0);
}

TEST_CASE("a trunk that takes opportunistic SRTP talks SRTP, one that does not talks RTP", "[scenario][relay]") {
  const bool takes = GENERATE(true, false);
  RelayScene scene(kBadNetwork, 11);
  Party& caller = scene.add(browser());
  Party& trunk = scene.add(takes ? opportunistic_trunk() : plain_trunk());
  set_up(scene, caller, trunk, kTowardsOpportunistic, kTowardsBrowser);
  talk_over_bad_network(scene, caller, trunk);
  CHECK(scene.leg_of(trunk).security == (takes ? "AES_CM_128_HMAC_SHA1_80" : "plain"));
}

TEST_CASE("a phone that offers opportunistic SRTP gets it", "[scenario][relay]") {
  RelayScene scene(kBadNetwork, 12);
  Party::Traits phone = opportunistic_trunk();
  phone.tag = "phone";
  Party& caller = scene.add(std::move(phone));
  Party& callee = scene.add(browser());
  set_up(scene, caller, callee, kTowardsBrowser, kTowardsOpportunistic);
  talk_over_bad_network(scene, caller, callee);
  CHECK(scene.leg_of(caller).security == "AES_CM_128_HMAC_SHA1_80");
  CHECK(scene.said.find(" RTP/AVP ") != std::string::npos);
}

TEST_CASE("a phone that takes or leaves feedback on its own is understood, with keys and without",
          "[scenario][relay]") {
  struct Case {
    const char *offered, *answered;
    bool keys;
  };
  const auto [offered, answered, keys] = GENERATE(values<Case>({{"RTP/AVPF", "RTP/AVP", false},
                                                                {"RTP/AVP", "RTP/AVPF", false},
                                                                {"RTP/SAVPF", "RTP/SAVP", true},
                                                                {"RTP/SAVP", "RTP/SAVPF", true},
                                                                {"RTP/SAVP", "RTP/AVP", true},
                                                                {"RTP/SAVPF", "RTP/AVP", true}}));
  CAPTURE(offered, answered);
  const bool from_browser = GENERATE(true, false);
  RelayScene scene(kBadNetwork, 13);
  Party::Traits caller_traits = keys ? sdes_trunk() : plain_trunk();
  caller_traits.tag = "phone";
  caller_traits.rtp = kBrowserAddress;
  caller_traits.protocol = offered;
  Party::Traits callee_traits = keys ? sdes_trunk() : plain_trunk();
  callee_traits.protocol = answered;
  Party& caller = scene.add(from_browser ? browser() : std::move(caller_traits));
  Party& callee = scene.add(std::move(callee_traits));
  const std::string flags = "trust-address ICE=remove rtcp-mux-demux DTLS=off " + std::string(offered);
  set_up(scene, caller, callee, flags.c_str(), from_browser ? kTowardsBrowser : "trust-address ICE=remove");
  const char* own = from_browser ? "UDP/TLS/RTP/SAVPF" : offered;
  CHECK(scene.said.find(' ' + std::string(own) + " 0 101\r\n") != std::string::npos);
  talk_over_bad_network(scene, caller, callee);
  CHECK(scene.leg_of(callee).security == (keys ? "AES_CM_128_HMAC_SHA1_80" : "plain"));
}

TEST_CASE("an old WebRTC peer that writes RTP/SAVPF or RTP/AVP above its fingerprint talks DTLS-SRTP",
          "[scenario][relay]") {
  RelayScene scene(kBadNetwork, 14);
  Party::Traits old = browser();
  old.protocol = GENERATE("RTP/SAVPF", "RTP/AVP");
  Party& trunk = scene.add(plain_trunk());
  Party& callee = scene.add(std::move(old));
  set_up(scene, trunk, callee, kTowardsBrowser, kTowardsPlain);
  talk_over_bad_network(scene, trunk, callee);
  CHECK(scene.leg_of(callee).dtls_connected);
}
