#include "relay/media/media_path.h"

#include <catch2/catch.hpp>

#include <set>

#include "common/time/manual_clock.h"
#include "relay/codec/telephone_event.h"
#include "relay/rtp/packet_writer.h"

using namespace relay;
using namespace relay::media;
using namespace std::chrono_literals;

namespace {

const codec::Format kPcmu{.payload_type = 0, .kind = codec::Kind::Pcmu};
const codec::Format kPcma{.payload_type = 8, .kind = codec::Kind::Pcma};
const codec::Format kOpus{.payload_type = 111, .kind = codec::Kind::Opus, .clock_rate = 48000, .channels = 2};
codec::Format event(std::uint8_t payload_type, std::uint32_t clock_rate) {
  return {.payload_type = payload_type, .kind = codec::Kind::TelephoneEvent, .clock_rate = clock_rate};
}

struct Sent {
  std::uint8_t payload_type;
  std::uint16_t sequence;
  std::uint32_t timestamp;
  std::uint32_t ssrc;
};

struct Recorder final : PathSink {
  void send_rtp(packet::PacketBuffer& packet, common::Instant) override {
    const auto view = rtp::PacketView::parse(packet.span());
    REQUIRE(view);
    sent.push_back({view->payload_type(), view->sequence(), view->timestamp(), view->ssrc().value});
  }
  std::vector<Sent> sent;
};

struct Scene {
  explicit Scene(std::vector<std::pair<std::uint8_t, session::PayloadAction>> payloads)
      : path({.from = {1},
              .to = {2},
              .payloads = std::move(payloads),
              .own_stream = {.ssrc = 99, .first_sequence = 500, .first_timestamp = 7000}},
             recorder, totals) {}
  /// False: the path has dropped it.
  bool receive(std::uint8_t payload_type, std::uint16_t sequence, std::uint32_t timestamp, common::ByteSpan payload) {
    packet::PacketBuffer packet;
    REQUIRE(rtp::write_packet(packet, {payload_type, false, sequence, timestamp, {1}}, payload));
    return path.on_rtp(packet, *rtp::PacketView::parse(packet.span()), clock.now());
  }
  common::ManualClock clock;
  Recorder recorder;
  codec::TranscoderStatistics totals;
  MediaPath path;
};

const common::Bytes kFrame(160, std::uint8_t{0x55});

}  // namespace

TEST_CASE("a forwarded packet keeps all but its payload type, an unlisted one is dropped", "[media]") {
  Scene scene({{0, session::Forward{0}}, {96, session::Forward{101}}, {8, session::Drop{}}});
  scene.receive(0, 10, 1000, kFrame);
  scene.receive(96, 11, 1160, kFrame);
  CHECK_FALSE(scene.receive(8, 12, 1320, kFrame));
  CHECK_FALSE(scene.receive(77, 13, 1480, kFrame));
  REQUIRE(scene.recorder.sent.size() == 2);
  CHECK(scene.recorder.sent[1].payload_type == 101);
  CHECK(scene.recorder.sent[1].sequence == 11);
  CHECK(scene.recorder.sent[1].ssrc == 1);
}

TEST_CASE("what a path transcodes, and what it finds missing, is added up", "[media]") {
  Scene scene({{0, session::Transcode{kPcmu, kPcma}}});
  for (const int i : {0, 1, 2, 4, 5, 5, 3}) {
    scene.receive(0, static_cast<std::uint16_t>(10 + i), static_cast<std::uint32_t>(160 * i), kFrame);
    scene.clock.advance(20ms);
  }
  CHECK(scene.totals.decoded == 5);
  CHECK(scene.totals.concealed == 1);
  CHECK(scene.totals.late == 2);
  CHECK(scene.totals.encoded == 6);
}

TEST_CASE("a packet that goes no further delays no frame after it", "[media]") {
  Scene scene({{0, session::Transcode{kPcmu, kPcma}}, {13, session::Drop{}}});
  scene.receive(0, 10, 1000, kFrame);
  scene.clock.advance(20ms);
  REQUIRE(scene.recorder.sent.size() == 1);
  SECTION("comfort noise of the same stream") {
    scene.receive(13, 11, 1160, common::Bytes(1, std::uint8_t{40}));
    scene.receive(0, 12, 1320, kFrame);
    CHECK(scene.recorder.sent.size() == 2);
    CHECK_FALSE(scene.path.next_timeout());
  }
  SECTION("one that overtook a frame lets it play as soon as it comes") {
    scene.receive(13, 12, 1320, common::Bytes(1, std::uint8_t{40}));
    scene.receive(0, 11, 1160, kFrame);
    scene.receive(0, 13, 1480, kFrame);
    CHECK(scene.recorder.sent.size() == 3);
  }
  SECTION("another stream's packet changes nothing") {
    packet::PacketBuffer other;
    REQUIRE(rtp::write_packet(other, {13, false, 40000, 99, {2}}, kFrame));
    scene.path.on_rtp(other, *rtp::PacketView::parse(other.span()), scene.clock.now());
    scene.receive(0, 11, 1160, kFrame);
    REQUIRE(scene.recorder.sent.size() == 2);
    CHECK(scene.recorder.sent[1].timestamp - scene.recorder.sent[0].timestamp == 160);
  }
}

TEST_CASE("an event that grows a segment takes a sequence number, and what follows moves up", "[media]") {
  Scene scene({{0, session::Forward{0}}, {101, session::MapEvent{event(101, 8000), event(110, 48000)}}});
  std::uint16_t sequence = 10;
  for (std::uint16_t ms = 400; ms <= 2800; ms = static_cast<std::uint16_t>(ms + 400)) {
    const auto block = codec::write_event({5, ms == 2800, 10, static_cast<std::uint16_t>(ms * 8)});
    scene.receive(101, sequence++, 1000, block);
  }
  scene.receive(0, sequence, 30000, kFrame);
  std::set<std::uint16_t> sequences;
  for (const Sent& sent : scene.recorder.sent) sequences.insert(sent.sequence);
  CHECK(scene.recorder.sent.size() == 7 + 2 + 1);
  CHECK(sequences.size() == scene.recorder.sent.size());
  CHECK(*sequences.rbegin() - *sequences.begin() == 9);
}

TEST_CASE("a peer that changes its codec does not break the time line of what we send", "[media]") {
  Scene scene({{0, session::Transcode{kPcmu, kOpus}}, {8, session::Transcode{kPcma, kOpus}}});
  std::uint16_t sequence = 10;
  const auto talk = [&](std::uint8_t payload_type, int frames) {
    for (int i = 0; i < frames; ++i) {
      scene.receive(payload_type, sequence, sequence * 160u, kFrame);
      ++sequence;
      scene.clock.advance(20ms);
    }
  };
  talk(0, 20);
  talk(8, 20);
  talk(0, 20);
  REQUIRE(scene.recorder.sent.size() == 60);
  CHECK(scene.recorder.sent.front().timestamp == 7000);
  for (std::size_t i = 1; i < scene.recorder.sent.size(); ++i) {
    CHECK(scene.recorder.sent[i].timestamp - scene.recorder.sent[i - 1].timestamp == 960);
    CHECK(scene.recorder.sent[i].sequence == 500 + i);
    CHECK(scene.recorder.sent[i].ssrc == 99);
  }
}
