#include "relay/session/rtcp_reporter.h"

#include <catch2/catch.hpp>

#include <set>

#include "common/time/manual_clock.h"
#include "relay/rtcp/packet_views.h"

using namespace relay;
using namespace relay::session;
using namespace std::chrono_literals;

namespace {

struct Scene {
  /// The compound that is due, or `bye`.
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
    reporter.speak_for(&egress, clock.now());
    clock.advance_to(*reporter.next_timeout());
  }

  common::ManualClock clock;
  rtcp::NtpClock ntp{clock.now(), common::WallTime{1'700'000'000s}};
  media::EgressStream egress{
      .ssrc = 7, .packets = 0, .octets = 0, .last_timestamp = 0, .clock_rate = 48000, .last_sent = {}};
  IngressStreams ingress;
  RtcpReporter reporter{ntp, "cname"};
  packet::PacketBuffer packet;
};

}  // namespace

TEST_CASE("a reporter that speaks for nobody is silent", "[reporter]") {
  Scene scene;
  CHECK_FALSE(scene.reporter.active());
  CHECK_FALSE(scene.reporter.next_timeout());
  scene.clock.advance(1h);
  CHECK(scene.written().empty());
  CHECK(scene.written(true).empty());
}

TEST_CASE("the first report comes after a second, the next every 2.5 to 7.5 seconds, unevenly", "[reporter][rfc3550]") {
  Scene scene;
  scene.reporter.speak_for(&scene.egress, scene.clock.now());
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
  Scene one;
  Scene other;
  other.egress.ssrc = 0x80000007;
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
  CHECK(item->ssrc.value == 7);
  CHECK(item->type == rtcp::kSdesCname);
  CHECK(item->value == "cname");
}

TEST_CASE("a sender's report says what was sent, and where its clock stands now", "[reporter][rfc3550]") {
  Scene scene;
  scene.reporter.speak_for(&scene.egress, scene.clock.now());
  scene.clock.advance(1s);
  scene.egress.packets = 50;
  scene.egress.octets = 4000;
  scene.egress.last_timestamp = 0xffffff00;
  scene.egress.last_sent = scene.clock.now() - 10ms;
  const auto parts = scene.written();
  REQUIRE(parts.size() == 2);
  const auto report = rtcp::ReportView::from(parts[0]);
  REQUIRE(report);
  REQUIRE(report->is_sender_report());
  const rtcp::SenderInfo info = report->sender_info();
  CHECK(info.packet_count == 50);
  CHECK(info.octet_count == 4000);
  CHECK(info.rtp_timestamp == static_cast<std::uint32_t>(0xffffff00 + 480));  // 10 ms at 48000 Hz, over the wrap
  CHECK(info.ntp.value == scene.ntp.at(scene.clock.now()).value);
}

TEST_CASE("a report has a block about each stream that is heard", "[reporter][rfc3550]") {
  Scene scene;
  scene.start();
  for (const std::uint32_t ssrc : {11, 22})
    scene.ingress.on_packet({ssrc}, 0, 8000, 1, 160, 160, 172, scene.clock.now());
  const auto report = rtcp::ReportView::from(scene.written().at(0));
  REQUIRE(report->block_count() == 2);
  CHECK(report->block(0).ssrc.value == 11);
  CHECK(report->block(1).ssrc.value == 22);
}

TEST_CASE("BYE comes behind a last report, for a stream that was sent", "[reporter][rfc3550]") {
  Scene scene;
  scene.start();
  CHECK(scene.written(true).empty());  // nobody knows the stream yet
  scene.egress.packets = 1;
  const auto parts = scene.written(true);
  REQUIRE(parts.size() == 3);
  CHECK(rtcp::ReportView::from(parts[0])->is_sender_report());
  CHECK(rtcp::SdesView::from(parts[1]));
  const auto bye = rtcp::ByeView::from(parts[2]);
  REQUIRE(bye);
  REQUIRE(bye->source_count() == 1);
  CHECK(bye->source(0).value == 7);
}

TEST_CASE("speaking for the same stream again changes no time, for another begins anew, for none ends it",
          "[reporter]") {
  Scene scene;
  scene.start();
  scene.written();
  const auto next = scene.reporter.next_timeout();
  scene.clock.advance(1s);
  scene.reporter.speak_for(&scene.egress, scene.clock.now());
  CHECK(scene.reporter.next_timeout() == next);
  const media::EgressStream other{
      .ssrc = 8, .packets = 1, .octets = 0, .last_timestamp = 0, .clock_rate = 8000, .last_sent = scene.clock.now()};
  scene.reporter.speak_for(&other, scene.clock.now());
  CHECK(scene.reporter.next_timeout() == scene.clock.now() + 1s);
  scene.reporter.speak_for(nullptr, scene.clock.now());
  CHECK_FALSE(scene.reporter.active());
  scene.clock.advance(1h);
  CHECK(scene.written().empty());
}
