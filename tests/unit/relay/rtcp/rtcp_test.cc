#include <catch2/catch.hpp>

#include "common/base/encoding.h"
#include "common/time/manual_clock.h"
#include "relay/rtcp/compound_writer.h"
#include "relay/rtcp/packet_views.h"

using namespace relay;
using namespace relay::rtcp;
using namespace std::chrono_literals;
using common::Bytes;

namespace {

Bytes hex(std::string_view text) { return *common::hex_decode(text); }

const ReportBlock kBlock{.ssrc = {0x11111111},
                         .fraction_lost = 64,
                         .cumulative_lost = -2,
                         .extended_highest_sequence = 0x00010005,
                         .jitter = 17,
                         .last_sender_report = 0xaabbccdd,
                         .delay_since_sender_report = 65536};

}  // namespace

TEST_CASE("a compound of SR, SDES, feedback and BYE reads back as written", "[rtcp][rfc3550][rfc4585]") {
  packet::PacketBuffer packet;
  CompoundWriter writer(packet);
  const ReportBlock blocks[] = {kBlock, {.ssrc = {2}}};
  REQUIRE(writer.sender_report({1}, {{0x0123456789abcdef}, 160, 5, 800}, blocks));
  REQUIRE(writer.source_description({1}, "abcdef"));
  REQUIRE(writer.picture_loss_indication({1}, {9}));
  REQUIRE(writer.full_intra_request({1}, {9}, 3));
  REQUIRE(writer.nack({1}, {9}, 65535, 0x8001));
  const rtp::Ssrc leaving[] = {{1}, {5}};
  REQUIRE(writer.bye(leaving, "gone"));

  auto compound = CompoundView::parse(packet.span());
  REQUIRE(compound);
  const auto report = ReportView::from(*compound->next());
  REQUIRE(report);
  CHECK(report->is_sender_report());
  CHECK(report->sender().value == 1);
  CHECK(report->sender_info().ntp.value == 0x0123456789abcdef);
  CHECK(report->sender_info().rtp_timestamp == 160);
  CHECK(report->sender_info().octet_count == 800);
  REQUIRE(report->block_count() == 2);
  CHECK(report->block(0).ssrc == kBlock.ssrc);
  CHECK(report->block(0).fraction_lost == 64);
  CHECK(report->block(0).cumulative_lost == -2);
  CHECK(report->block(0).extended_highest_sequence == 0x00010005);
  CHECK(report->block(0).jitter == 17);
  CHECK(report->block(0).last_sender_report == 0xaabbccdd);
  CHECK(report->block(0).delay_since_sender_report == 65536);

  auto sdes = SdesView::from(*compound->next());
  REQUIRE(sdes);
  const auto item = sdes->next();
  REQUIRE(item);
  CHECK(item->type == kSdesCname);
  CHECK(item->value == "abcdef");
  CHECK_FALSE(sdes->next());

  const auto pli = FeedbackView::from(*compound->next());
  REQUIRE(pli);
  CHECK(pli->is_pli());
  CHECK(pli->media().value == 9);
  const auto fir = FeedbackView::from(*compound->next());
  REQUIRE(fir);
  CHECK(fir->is_fir());
  CHECK(common::hex_encode(fir->control_information()) == "0000000903000000");
  const auto nack = FeedbackView::from(*compound->next());
  REQUIRE(nack);
  REQUIRE(nack->is_nack());
  std::vector<int> lost;
  nack->each_lost([&](std::uint16_t sequence) { lost.push_back(sequence); });
  CHECK(lost == std::vector<int>{65535, 0, 15});

  const auto bye = ByeView::from(*compound->next());
  REQUIRE(bye);
  REQUIRE(bye->source_count() == 2);
  CHECK(bye->source(1).value == 5);
  CHECK(bye->reason() == "gone");
  CHECK_FALSE(compound->next());
}

TEST_CASE("CNAMEs of every length end at a word boundary with a zero byte", "[rtcp]") {
  for (const std::size_t length : {0, 1, 2, 3, 4, 5, 254, 255}) {
    CAPTURE(length);
    packet::PacketBuffer packet;
    CompoundWriter writer(packet);
    const std::string name(length, 'x');
    REQUIRE(writer.receiver_report({1}, {}));
    REQUIRE(writer.source_description({1}, name));
    auto compound = CompoundView::parse(packet.span());
    REQUIRE(compound);
    compound->next();
    auto sdes = SdesView::from(*compound->next());
    REQUIRE(sdes);
    CHECK(sdes->next()->value == name);
    CHECK_FALSE(sdes->next());
    CHECK(packet.span().back() == 0);
  }
}

TEST_CASE("compounds whose lengths or padding do not add up are refused", "[rtcp]") {
  CHECK(CompoundView::parse({}).error() == ParseError::Truncated);
  CHECK(CompoundView::parse(hex("80c90002000000")).error() == ParseError::Truncated);
  CHECK(CompoundView::parse(hex("80c900010000000180")).error() == ParseError::BadLength);
  CHECK(CompoundView::parse(hex("40c9000100000001")).error() == ParseError::BadVersion);
  CHECK(CompoundView::parse(hex("a0c9000100000000")).error() == ParseError::BadPadding);
  CHECK(CompoundView::parse(hex("a0c9000100000008")).error() == ParseError::BadPadding);
  CHECK(CompoundView::parse(hex("a0c900020000000100000004"
                                "80c9000100000001"))
            .error() == ParseError::BadPadding);
  CHECK(
      CompoundView::parse(hex("80c9000100000001"
                              "a0c900020000000100000004")));
}

TEST_CASE("a header that promises more than its body holds gives no view", "[rtcp]") {
  const auto first = [](const Bytes& bytes) { return *CompoundView::parse(bytes)->next(); };
  const Bytes report = hex("81c9000100000001");
  CHECK_FALSE(ReportView::from(first(report)));
  const Bytes sender = hex("80c8000100000001");
  CHECK_FALSE(ReportView::from(first(sender)));
  const Bytes bye = hex("82cb000100000001");
  CHECK_FALSE(ByeView::from(first(bye)));
  const Bytes feedback = hex("81cd000100000001");
  CHECK_FALSE(FeedbackView::from(first(feedback)));
  const Bytes app = hex("80cc000100000001");
  CHECK_FALSE(AppView::from(first(app)));
  const Bytes item = hex("81ca00020000000101ff6162");
  auto sdes = SdesView::from(first(item));
  REQUIRE(sdes);
  CHECK_FALSE(sdes->next());
  const Bytes reason = hex("81cb000200000001ff616263");
  CHECK(ByeView::from(first(reason))->reason().empty());
}

TEST_CASE("APP packets are read, extended reports and unknown types passed over", "[rtcp]") {
  const Bytes bytes =
      hex("85cc0003000000016e616d6501020304"
          "80cf000100000001"
          "80fa000100000001");
  auto compound = CompoundView::parse(bytes);
  REQUIRE(compound);
  const auto app = AppView::from(*compound->next());
  REQUIRE(app);
  CHECK(app->subtype == 5);
  CHECK(app->name == "name");
  CHECK(common::hex_encode(app->data) == "01020304");
  CHECK(compound->next()->type == PacketType::ExtendedReport);
  CHECK(compound->next());
  CHECK_FALSE(compound->next());
}

TEST_CASE("what does not fit is not written", "[rtcp]") {
  packet::PacketBuffer packet;
  CompoundWriter writer(packet);
  const std::vector<ReportBlock> many(32);
  CHECK_FALSE(writer.receiver_report({1}, many));
  const std::span<const ReportBlock> most{many.data(), 31};
  REQUIRE(writer.receiver_report({1}, most));
  REQUIRE(writer.receiver_report({1}, most));
  const std::size_t before = packet.size();
  CHECK_FALSE(writer.receiver_report({1}, most));
  CHECK(packet.size() == before);
  CHECK_FALSE(writer.source_description({1}, std::string(256, 'x')));
}

TEST_CASE("the round trip of RFC 3550 figure 2 is 6.125 s", "[rtcp][rfc3550]") {
  ReportBlock block;
  block.last_sender_report = 0xb7052000;
  block.delay_since_sender_report = 0x00054000;
  CHECK(round_trip(block, {std::uint64_t{0xb7108000} << 16}) == 6125ms);
  CHECK_FALSE(round_trip(block, {std::uint64_t{0xb7048000} << 16}));  // before the report was sent
  CHECK_FALSE(round_trip({}, {1}));
}

TEST_CASE("our report names the last sender report and the time since", "[rtcp][rfc3550]") {
  common::ManualClock clock;
  rtp::ReceiveStatistics statistics(8000);
  SenderReportMemory memory;
  statistics.on_packet(5, 0, 160, clock.now());
  CHECK(make_report_block({3}, statistics, memory, clock.now()).last_sender_report == 0);
  memory.on_sender_report({0x0000123456780000}, clock.now());
  clock.advance(1500ms);
  const ReportBlock block = make_report_block({3}, statistics, memory, clock.now());
  CHECK(block.last_sender_report == 0x12345678);
  CHECK(block.delay_since_sender_report == 98304);
  CHECK(block.extended_highest_sequence == 5);
}

TEST_CASE("NTP time follows the monotonic clock from one reading of the wall clock", "[rtcp]") {
  common::ManualClock clock;
  const NtpClock ntp(clock.now(), common::WallTime{1'700'000'000'500ms});
  CHECK(ntp.at(clock.now()).value >> 32 == 1'700'000'000ULL + 2'208'988'800ULL);
  CHECK((ntp.at(clock.now()).value & 0xffffffff) == 0x80000000);
  CHECK(ntp.at(clock.now() + 750ms).value - ntp.at(clock.now()).value == 0xc0000000);
  CHECK(ntp.at(clock.now() - 250ms).value == ntp.at(clock.now()).value - 0x40000000);
}
