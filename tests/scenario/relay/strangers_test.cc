#include <catch2/catch.hpp>

#include "tests/scenario/relay/call_parties.h"

using namespace tests;
using namespace std::chrono_literals;
using common::SocketAddress;

namespace {

common::Bytes rtp_packet(std::uint32_t ssrc = 0xdeadbeef, std::uint16_t sequence = 1) {
  common::ByteWriter writer;
  writer.u8(0x80).u8(0).u16(sequence).u32(160).u32(ssrc).bytes(common::Bytes(160, 0xd5));
  return writer.take();
}

}  // namespace

TEST_CASE("RTP at the RTCP port is nobody's media, not even from the peer's own host", "[scenario][relay]") {
  RelayScene scene;
  Party& caller = scene.add(browser());
  Party& trunk = scene.add(plain_trunk());
  set_up(scene, caller, trunk, kTowardsPlain, kTowardsBrowser);
  scene.run(2s);
  Counter talk(trunk);
  for (int i = 0; i < 10; ++i) talk.frame(scene.clock.now());
  scene.run(1s);
  REQUIRE(caller.heard.size() == 10);
  const auto rtcp_port = scene.leg_of(trunk).rtcp->local;
  const common::SocketAddress beside{kTrunkAddress.ip, common::Port{40000}};
  for (const auto& source : {beside, trunk.rtcp(), kTrunkAddress}) {
    for (int i = 0; i < 5; ++i) trunk.outbox.push_back({{source, rtcp_port}, rtp_packet()});
  }
  scene.run(1s);
  CHECK(caller.heard.size() == 10);
  CHECK(scene.leg_of(trunk).rtcp->received.errors == 15);
}

TEST_CASE("a stream goes on from another port of its host only where it has fallen silent", "[scenario][relay]") {
  RelayScene scene;
  Party& caller = scene.add(browser());
  Party& trunk = scene.add(plain_trunk());
  set_up(scene, caller, trunk, kTowardsPlain, kTowardsBrowser);
  scene.run(2s);
  Counter talk(trunk);
  const auto rtp_port = scene.leg_of(trunk).rtp.local;
  const common::SocketAddress beside{kTrunkAddress.ip, common::Port{40000}};
  const auto go_on_beside = [&] {
    const auto next = static_cast<std::uint16_t>(trunk.next_sequence + 300);
    trunk.outbox.push_back({{beside, rtp_port}, rtp_packet(trunk.ssrc, next)});
  };
  for (int i = 0; i < 20; ++i) {
    talk.frame(scene.clock.now());
    go_on_beside();
    scene.run(20ms);
  }
  CHECK(Counter::numbers(caller).size() == 20);
  CHECK(caller.heard.size() == 20);
  CHECK(scene.leg_of(trunk).source_changes == 0);
  scene.run(1s);
  go_on_beside();
  scene.run(20ms);
  CHECK(caller.heard.size() == 21);
  CHECK(scene.leg_of(trunk).source_changes == 1);
}

TEST_CASE("an asymmetric trunk is heard from wherever it sends and spoken to where its SDP says", "[scenario][relay]") {
  const bool secured = GENERATE(false, true);
  RelayScene scene;
  Party& caller = scene.add(browser());
  Party& trunk = scene.add(secured ? sdes_trunk() : plain_trunk());
  scene.offer(caller, trunk, secured ? kTowardsSdes : kTowardsPlain);
  scene.answer(trunk, caller, (std::string(kTowardsBrowser) + " asymmetric").c_str());
  scene.run(2s);
  REQUIRE(caller.ready());
  const auto rtp_port = scene.leg_of(trunk).rtp.local;
  const SocketAddress sender = *SocketAddress::parse("203.0.113.77:9000");
  Counter from_trunk(trunk);
  Counter from_caller(caller);
  for (int i = 0; i < 20; ++i) {
    from_trunk.frame(scene.clock.now());
    for (auto& [route, bytes] : trunk.outbox) route.from = sender;
    from_caller.frame(scene.clock.now());
    scene.run(20ms);
  }
  if (secured) {  // keys decide who is heard, the address does not
    for (int i = 0; i < 5; ++i) trunk.outbox.push_back({{sender, rtp_port}, rtp_packet()});
  }
  scene.run(1s);
  CHECK(Counter::numbers(caller).size() == 20);
  CHECK(caller.heard.size() == 20);
  CHECK(trunk.heard.size() == 20);
  const auto leg = scene.leg_of(trunk);
  CHECK(leg.rtp.remote == kTrunkAddress);
  CHECK(leg.rtp.received.errors == (secured ? 5 : 0));
  CHECK(leg.source_changes == 0);
}
