#include "relay/session/rtcp_reporter.h"

#include <catch2/catch.hpp>

#include <array>
#include <set>

#include "common/time/manual_clock.h"
#include "relay/rtcp/packet_views.h"
#include "relay/rtp/packet_writer.h"

using namespace relay;
using namespace relay::session;
using namespace std::chrono_literals;

namespace {

/// A path from PCMU to Opus that keeps what it has sent.
struct OwnPath final : media::PathSink {
  explicit OwnPath(std::uint32_t ssrc)
      : path({.from = {1},
              .to = {2},
              .payloads = {{0,
                            Transcode{
                                {.payload_type = 0, .kind = codec::Kind::Pcmu},
                                {.payload_type = 111, .kind = codec::Kind::Opus, .clock_rate = 48000, .channels = 2}}}},
              .own_stream = {.ssrc = ssrc, .first_sequence = 1, .first_timestamp = 0xffffff00}},
             *this, totals) {}
  void send_rtp(packet::PacketBuffer& packet, common::Instant) override {
    sent += rtp::PacketView::parse(packet.span())->payload().size();
  }
  void talk(common::Instant now) {
    packet::PacketBuffer packet;
    const std::uint16_t sequence = next_sequence++;
    REQUIRE(rtp::write_packet(packet, {0, false, sequence, 160u * sequence, {99}}, common::Bytes(160, 0x55)));
    REQUIRE(path.on_rtp(packet, *rtp::PacketView::parse(packet.span()), now));
  }

  codec::TranscoderStatistics totals;
  media::MediaPath path;
  std::uint16_t next_sequence = 1;
  std::size_t sent = 0;  // bytes of payload
};

struct Scene {
  explicit Scene(std::uint32_t ssrc = 7) : own(ssrc) {}

  /// The packets of the compound that is due, or of the last words.
  std::vector<rtcp::Packet> written(bool bye = false) {
    const bool made =
        bye ? reporter.write_bye(packet, ingress, clock.now()) : reporter.write_report(packet, ingress, clock.now());
    std::vector<rtcp::Packet> parts;
    if (!made) return parts;
    auto compound = rtcp::CompoundView::parse(packet.span());
    REQUIRE(compound);
    while (const auto part = compound->next()) parts.push_back(*part);
    return parts;
  }
  void start() {
    reporter.speak_for(&own.path, clock.now());
    clock.advance_to(*reporter.next_timeout());
  }
  void hear(std::uint32_t ssrc) { ingress.on_packet({ssrc}, 0, 8000, 1, 160, 160, 172, clock.now()); }

  common::ManualClock clock;
  rtcp::NtpClock ntp{clock.now(), common::WallTime{1'700'000'000s}};
  OwnPath own;
  IngressStreams ingress;
  RtcpReporter reporter{ntp, "cname"};
  packet::PacketBuffer packet;
};

}  // namespace

TEST_CASE("a reporter that speaks for nobody is silent", "[reporter]") {
  Scene scene;
  CHECK_FALSE(scene.reporter.next_timeout());
  scene.clock.advance(1h);
  CHECK(scene.written().empty());
  CHECK(scene.written(true).empty());
}

TEST_CASE("the first report comes after a second, the next every 2.5 to 7.5 seconds, unevenly", "[reporter][rfc3550]") {
  Scene scene;
  scene.reporter.speak_for(&scene.own.path, scene.clock.now());
  CHECK(scene.reporter.next_timeout() == scene.clock.now() + 1s);
  CHECK(scene.written().empty());
  scene.clock.advance(1s);
  CHECK_FALSE(scene.written().empty());
  std::set<common::Duration> intervals;
  common::Duration sum{};
  for (int i = 0; i < 200; ++i) {
    const common::Duration interval = *scene.reporter.next_timeout() - scene.clock.now();
    CHECK(interval >= 2500ms);
    CHECK(interval <= 7500ms);
    intervals.insert(interval);
    sum += interval;
    scene.clock.advance(interval - 1ms);
    CHECK(scene.written().empty());
    scene.clock.advance(1ms);
    REQUIRE_FALSE(scene.written().empty());
  }
  CHECK(intervals.size() > 100);
  CHECK(sum / 200 > 4500ms);
  CHECK(sum / 200 < 5500ms);
}

TEST_CASE("legs with different SSRCs do not report in step", "[reporter][rfc3550]") {
  Scene one(7);
  Scene other(0x80000007);
  one.start();
  other.start();
  one.written();
  other.written();
  CHECK(*one.reporter.next_timeout() - one.clock.now() != *other.reporter.next_timeout() - other.clock.now());
}

TEST_CASE("while nothing was sent the report is a receiver's, with our name", "[reporter][rfc3550]") {
  Scene scene;
  scene.start();
  const auto parts = scene.written();
  REQUIRE(parts.size() == 2);
  const auto report = rtcp::ReportView::from(parts[0]);
  REQUIRE(report);
  CHECK_FALSE(report->is_sender_report());
  CHECK(report->sender().value == 7);
  auto sdes = rtcp::SdesView::from(parts[1]);
  REQUIRE(sdes);
  const auto item = sdes->next();
  REQUIRE(item);
  CHECK(item->ssrc.value == 7);
  CHECK(item->type == rtcp::kSdesCname);
  CHECK(item->value == "cname");
}

TEST_CASE("a sender's report says what was sent, and where its clock stands now", "[reporter][rfc3550]") {
  Scene scene;
  scene.reporter.speak_for(&scene.own.path, scene.clock.now());
  scene.clock.advance(990ms);
  scene.own.talk(scene.clock.now());
  scene.clock.advance(10ms);
  const auto parts = scene.written();
  REQUIRE(parts.size() == 2);
  const auto report = rtcp::ReportView::from(parts[0]);
  REQUIRE(report);
  REQUIRE(report->is_sender_report());
  const rtcp::SenderInfo info = report->sender_info();
  CHECK(info.packet_count == 1);
  CHECK(info.octet_count == scene.own.sent);
  CHECK(info.rtp_timestamp == static_cast<std::uint32_t>(0xffffff00 + 480));  // 10 ms at 48000 Hz, over the wrap
  CHECK(info.ntp.value == scene.ntp.at(scene.clock.now()).value);
}

TEST_CASE("a report has a block about each stream that is heard", "[reporter][rfc3550]") {
  Scene scene;
  scene.start();
  scene.hear(11);
  scene.hear(22);
  const auto report = rtcp::ReportView::from(scene.written().at(0));
  REQUIRE(report->block_count() == 2);
  CHECK(report->block(0).ssrc.value == 11);
  CHECK(report->block(1).ssrc.value == 22);
}

TEST_CASE("BYE of our stream comes behind a last report, once something was sent", "[reporter][rfc3550]") {
  Scene scene;
  scene.start();
  CHECK(scene.written(true).empty());  // nobody knows the stream yet
  scene.own.talk(scene.clock.now());
  scene.reporter.on_sent({7});
  const auto parts = scene.written(true);
  REQUIRE(parts.size() == 3);
  CHECK(rtcp::ReportView::from(parts[0])->is_sender_report());
  CHECK(rtcp::SdesView::from(parts[1]));
  const auto bye = rtcp::ByeView::from(parts[2]);
  REQUIRE(bye);
  REQUIRE(bye->source_count() == 1);
  CHECK(bye->source(0).value == 7);
}

TEST_CASE("where media pass through, BYE is said in the senders' names, without ours", "[reporter][rfc3550]") {
  Scene scene;
  for (const std::uint32_t ssrc : {11, 22, 11}) scene.reporter.on_sent({ssrc});
  const auto parts = scene.written(true);
  REQUIRE(parts.size() == 2);
  const auto report = rtcp::ReportView::from(parts[0]);
  REQUIRE(report);
  CHECK_FALSE(report->is_sender_report());
  CHECK(report->sender().value == 11);
  const auto bye = rtcp::ByeView::from(parts[1]);
  REQUIRE(bye);
  REQUIRE(bye->source_count() == 2);
  CHECK(bye->source(0).value == 11);
  CHECK(bye->source(1).value == 22);
}

TEST_CASE("speaking for the same path again changes no time, for another begins anew, for none ends it", "[reporter]") {
  Scene scene;
  scene.start();
  scene.written();
  const auto next = scene.reporter.next_timeout();
  scene.clock.advance(1s);
  scene.reporter.speak_for(&scene.own.path, scene.clock.now());
  CHECK(scene.reporter.next_timeout() == next);
  OwnPath other(8);
  scene.reporter.speak_for(&other.path, scene.clock.now());
  CHECK(scene.reporter.next_timeout() == scene.clock.now() + 1s);
  scene.reporter.speak_for(nullptr, scene.clock.now());
  CHECK_FALSE(scene.reporter.next_timeout());
  scene.clock.advance(1h);
  CHECK(scene.written().empty());
}

TEST_CASE("what the peer reports is read: its clock for our next report, and the way there and back",
          "[reporter][rfc3550]") {
  Scene scene;
  scene.hear(11);
  const auto sent = rtcp::middle(scene.ntp.at(scene.clock.now()));
  scene.clock.advance(100ms);
  packet::PacketBuffer from_peer;
  rtcp::CompoundWriter writer(from_peer);
  rtcp::ReportBlock block{.ssrc = {7}};
  block.last_sender_report = sent;
  block.delay_since_sender_report = 65536 / 20;  // of 100 ms, the peer had it for 50
  REQUIRE(writer.sender_report({11}, {{0x0000123456780000}, 0, 1, 160}, std::span(&block, 1)));
  scene.reporter.read(from_peer.span(), scene.ingress, scene.clock.now());
  std::vector<IngressStream> report;
  scene.ingress.append_to(report);
  REQUIRE(report.at(0).round_trip_us);
  CHECK(*report[0].round_trip_us == Approx(50'000).margin(50));
  scene.clock.advance(500ms);
  std::array<rtcp::ReportBlock, 1> ours;
  REQUIRE(scene.ingress.report_blocks(ours, scene.clock.now()) == 1);
  CHECK(ours[0].last_sender_report == 0x12345678);
  CHECK(ours[0].delay_since_sender_report == 32768);
}

TEST_CASE("what is no compound is not read", "[reporter]") {
  Scene scene;
  scene.hear(11);
  packet::PacketBuffer from_peer;
  rtcp::CompoundWriter writer(from_peer);
  REQUIRE(writer.sender_report({11}, {{0x0000123456780000}, 0, 1, 160}, {}));
  scene.reporter.read(from_peer.span().first(20), scene.ingress, scene.clock.now());
  std::array<rtcp::ReportBlock, 1> ours;
  REQUIRE(scene.ingress.report_blocks(ours, scene.clock.now()) == 1);
  CHECK(ours[0].last_sender_report == 0);
}
