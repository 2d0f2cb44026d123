#include "relay/session/ingress_streams.h"

#include <catch2/catch.hpp>

#include "common/time/manual_clock.h"

using namespace relay;
using namespace relay::session;
using namespace std::chrono_literals;

namespace {

struct Scene {
  void receive(std::uint32_t ssrc, std::uint16_t sequence, std::uint32_t clock_rate = 8000) {
    streams.on_packet({ssrc}, 0, clock_rate, sequence, sequence * 160u, 160, 172, clock.now());
  }
  std::vector<IngressStream> report() const {
    std::vector<IngressStream> all;
    streams.append_to(all);
    return all;
  }
  std::vector<std::uint32_t> known() const {
    std::vector<std::uint32_t> all;
    for (const IngressStream& stream : report()) all.push_back(stream.ssrc);
    return all;
  }
  std::vector<rtcp::ReportBlock> blocks(std::size_t room = 31) {
    std::vector<rtcp::ReportBlock> all(room);
    all.resize(streams.report_blocks(all, clock.now()));
    return all;
  }

  common::ManualClock clock;
  IngressStreams streams;
};

}  // namespace

TEST_CASE("each SSRC is counted for itself", "[ingress]") {
  Scene scene;
  for (const std::uint16_t sequence : std::initializer_list<std::uint16_t>{1, 2, 4}) scene.receive(11, sequence);
  scene.streams.on_packet({22}, 111, 48000, 9, 0, 80, 92, scene.clock.now());
  const auto report = scene.report();
  REQUIRE(report.size() == 2);
  CHECK(report[0].ssrc == 11);
  CHECK(report[0].totals.packets == 3);
  CHECK(report[0].totals.bytes == 3 * 172);
  CHECK(report[0].lost == 1);
  CHECK(report[1].ssrc == 22);
  CHECK(report[1].payload_type == 111);
  CHECK(report[1].totals.bytes == 92);
  CHECK_FALSE(report[1].round_trip_us);
}

TEST_CASE("a stream bears the payload type that came last", "[ingress]") {
  Scene scene;
  scene.receive(11, 1);
  scene.streams.on_packet({11}, 101, 8000, 2, 320, 4, 16, scene.clock.now());
  CHECK(scene.report().at(0).payload_type == 101);
}

TEST_CASE("a fifth SSRC takes the place of the one silent longest", "[ingress]") {
  Scene scene;
  for (const std::uint32_t ssrc : {1, 2, 3, 4}) {
    scene.receive(ssrc, 1);
    scene.clock.advance(20ms);
  }
  scene.receive(1, 2);
  scene.clock.advance(20ms);
  scene.receive(5, 1);
  CHECK(scene.known() == std::vector<std::uint32_t>{1, 5, 3, 4});
  CHECK_FALSE(scene.streams.knows({2}));
  CHECK(scene.streams.knows({5}));
  CHECK(scene.report().at(1).totals.packets == 1);
}

TEST_CASE("a packet continues a stream when it is new and not more than ten seconds ahead", "[ingress]") {
  Scene scene;
  scene.receive(11, 65500);
  CHECK(scene.streams.continues({11}, 65501));
  CHECK(scene.streams.continues({11}, static_cast<std::uint16_t>(65500 + 500)));
  CHECK_FALSE(scene.streams.continues({11}, static_cast<std::uint16_t>(65500 + 501)));
  CHECK_FALSE(scene.streams.continues({11}, 65500));
  CHECK_FALSE(scene.streams.continues({11}, 65499));
  CHECK_FALSE(scene.streams.continues({12}, 65501));
}

TEST_CASE("reports are about streams that were heard in the last ten seconds", "[ingress][rfc3550]") {
  Scene scene;
  scene.receive(11, 1);
  scene.clock.advance(10s);
  scene.receive(22, 1);
  CHECK(scene.blocks().size() == 2);
  scene.clock.advance(1ms);
  const auto blocks = scene.blocks();
  REQUIRE(blocks.size() == 1);
  CHECK(blocks[0].ssrc.value == 22);
  CHECK(scene.report().size() == 2);  // what was counted stays
}

TEST_CASE("no more blocks are written than there is room for", "[ingress]") {
  Scene scene;
  for (const std::uint32_t ssrc : {1, 2, 3}) scene.receive(ssrc, 1);
  CHECK(scene.blocks(2).size() == 2);
  CHECK(scene.blocks(0).empty());
}

TEST_CASE("a report says when the stream's last sender report came", "[ingress][rfc3550]") {
  Scene scene;
  scene.receive(11, 1);
  scene.receive(22, 1);
  scene.streams.on_sender_report({11}, {0x0000123456780000}, scene.clock.now());
  scene.streams.on_sender_report({33}, {0x0000999999990000}, scene.clock.now());  // of nobody we hear
  scene.clock.advance(500ms);
  const auto blocks = scene.blocks();
  REQUIRE(blocks.size() == 2);
  CHECK(blocks[0].last_sender_report == 0x12345678);
  CHECK(blocks[0].delay_since_sender_report == 32768);
  CHECK(blocks[1].last_sender_report == 0);
}

TEST_CASE("jitter is in ticks of the clock rate that the stream began with", "[ingress][rfc3550]") {
  Scene scene;
  for (std::uint16_t i = 0; i < 500; ++i) {
    const auto late = i % 2 == 0 ? 0ms : 5ms;
    scene.streams.on_packet({11}, 0, 8000, i, i * 160u, 160, 172, scene.clock.now() + late);
    scene.streams.on_packet({22}, 111, 48000, i, i * 960u, 160, 172, scene.clock.now() + late);
    scene.clock.advance(20ms);
  }
  const auto report = scene.report();
  CHECK(report.at(0).jitter == Approx(40).margin(2));   // 5 ms at 8000 Hz
  CHECK(report.at(1).jitter == Approx(240).margin(6));  // at 48000 Hz
}

TEST_CASE("the round trip that was measured last is told with every stream", "[ingress]") {
  Scene scene;
  scene.receive(11, 1);
  scene.streams.on_round_trip(30ms);
  scene.streams.on_round_trip(25ms);
  CHECK(scene.report().at(0).round_trip_us == 25'000U);
}
