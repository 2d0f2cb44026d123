#include "relay/rtcp/packet_views.h"

#include <catch2/catch.hpp>

#include "common/base/encoding.h"

using namespace relay;
using namespace relay::rtcp;
using common::Bytes;

namespace {

/// One RTCP packet and the bytes it lies in.
struct Parsed {
  explicit Parsed(std::string_view text)
      : bytes(*common::hex_decode(text)), packet(*CompoundView::parse(bytes)->next()) {}
  Bytes bytes;
  Packet packet;
};

std::vector<std::string> items_of(std::string_view text) {
  const Parsed sdes(text);
  auto view = SdesView::from(sdes.packet);
  REQUIRE(view);
  std::vector<std::string> items;
  while (const auto item = view->next()) {
    items.push_back(std::to_string(item->ssrc.value) + ' ' + std::to_string(item->type) + ' ' +
                    std::string(item->value));
  }
  CHECK_FALSE(view->next());
  return items;
}

std::vector<int> lost_of(std::string_view control_information) {
  const std::size_t words = 2 + control_information.size() / 8;
  const Parsed feedback("81cd000" + std::to_string(words) + "0000000100000009" + std::string(control_information));
  const auto view = FeedbackView::from(feedback.packet);
  REQUIRE(view);
  REQUIRE(view->is_nack());
  std::vector<int> lost;
  view->each_lost([&](std::uint16_t sequence) { lost.push_back(sequence); });
  return lost;
}

}  // namespace

TEST_CASE("every field of a sender report is read where RFC 3550 puts it", "[rtcp][rfc3550]") {
  const Parsed sent(
      "82c80012"
      "00000001"
      "0123456789abcdef"
      "000000a0"
      "00000005"
      "00000320"
      "11111111"
      "40000007"
      "00010005"
      "00000011"
      "aabbccdd"
      "00010000"
      "22222222"
      "00fffffe"
      "00000000000000000000000000000000");
  const auto report = ReportView::from(sent.packet);
  REQUIRE(report);
  CHECK(report->is_sender_report());
  CHECK(report->sender().value == 1);
  const SenderInfo info = report->sender_info();
  CHECK(info.ntp.value == 0x0123456789abcdef);
  CHECK(info.rtp_timestamp == 160);
  CHECK(info.packet_count == 5);
  CHECK(info.octet_count == 800);
  REQUIRE(report->block_count() == 2);
  const ReportBlock first = report->block(0);
  CHECK(first.ssrc.value == 0x11111111);
  CHECK(first.fraction_lost == 64);
  CHECK(first.cumulative_lost == 7);
  CHECK(first.extended_highest_sequence == 0x00010005);
  CHECK(first.jitter == 17);
  CHECK(first.last_sender_report == 0xaabbccdd);
  CHECK(first.delay_since_sender_report == 65536);
  CHECK(report->block(1).ssrc.value == 0x22222222);
  CHECK(report->block(1).cumulative_lost == -2);
}

TEST_CASE("a receiver report has its blocks right behind the sender's SSRC", "[rtcp][rfc3550]") {
  const Parsed sent(
      "81c90007"
      "00000001"
      "33333333"
      "ff7fffff"
      "00000000000000000000000000000000");
  const auto report = ReportView::from(sent.packet);
  REQUIRE(report);
  CHECK_FALSE(report->is_sender_report());
  REQUIRE(report->block_count() == 1);
  CHECK(report->block(0).ssrc.value == 0x33333333);
  CHECK(report->block(0).fraction_lost == 255);
  CHECK(report->block(0).cumulative_lost == 0x7fffff);
}

TEST_CASE("SDES items of several chunks come in order, each with its source", "[rtcp][rfc3550]") {
  CHECK(items_of("82ca0007"
                 "00000001"
                 "01036162630202"
                 "7879"
                 "000000"
                 "00000002"
                 "01016400"
                 "00000000") == std::vector<std::string>{"1 1 abc", "1 2 xy", "2 1 d"});
}

TEST_CASE("an SDES chunk ends at a word boundary behind one to four zero bytes", "[rtcp][rfc3550]") {
  CHECK(items_of("82ca0006"
                 "00000001"
                 "01026162"
                 "00000000"
                 "00000002"
                 "01016400"
                 "00000000") == std::vector<std::string>{"1 1 ab", "2 1 d"});
  CHECK(items_of("82ca0004"
                 "00000001"
                 "00000000"
                 "00000002"
                 "00000000")
            .empty());
}

TEST_CASE("an SDES packet gives what stands before the first item that runs past its end", "[rtcp]") {
  CHECK(items_of("81ca0003"
                 "00000001"
                 "01016102"
                 "ff626364") == std::vector<std::string>{"1 1 a"});
  CHECK(items_of("81ca00020000000101ff6162").empty());
  CHECK(items_of("81ca0002"
                 "00000001"
                 "01016102") == std::vector<std::string>{"1 1 a"});  // a type and no length
  CHECK(items_of("81ca000200000001"
                 "01026101") == std::vector<std::string>{"1 1 a\x01"});
  CHECK(items_of("82ca0002"
                 "00000001"
                 "01016100") == std::vector<std::string>{"1 1 a"});  // a second chunk is promised, none is there
}

TEST_CASE("BYE names its sources and perhaps a reason", "[rtcp][rfc3550]") {
  const Parsed with_reason("82cb0004000000010000000504676f6e65000000");
  const auto bye = ByeView::from(with_reason.packet);
  REQUIRE(bye);
  REQUIRE(bye->source_count() == 2);
  CHECK(bye->source(0).value == 1);
  CHECK(bye->source(1).value == 5);
  CHECK(bye->reason() == "gone");
  const Parsed without("81cb000100000001");
  CHECK(ByeView::from(without.packet)->reason().empty());
  const Parsed nobody("80cb0000");
  CHECK(ByeView::from(nobody.packet)->source_count() == 0);
  const Parsed too_long("81cb000200000001ff616263");
  CHECK(ByeView::from(too_long.packet)->reason().empty());
}

TEST_CASE("an APP packet has a subtype, a name of four characters and data", "[rtcp][rfc3550]") {
  const Parsed sent("85cc0003000000016e616d6501020304");
  const auto app = AppView::from(sent.packet);
  REQUIRE(app);
  CHECK(app->subtype == 5);
  CHECK(app->sender.value == 1);
  CHECK(app->name == "name");
  CHECK(common::hex_encode(app->data) == "01020304");
}

TEST_CASE("feedback is told apart by type and format together", "[rtcp][rfc4585][rfc5104]") {
  const Parsed pli("81ce00020000000100000009");
  const auto picture_loss = FeedbackView::from(pli.packet);
  REQUIRE(picture_loss);
  CHECK(picture_loss->is_pli());
  CHECK_FALSE(picture_loss->is_nack());
  CHECK(picture_loss->sender().value == 1);
  CHECK(picture_loss->media().value == 9);
  CHECK(picture_loss->control_information().empty());
  const Parsed nack("81cd0003000000010000000900010000");
  CHECK(FeedbackView::from(nack.packet)->is_nack());
  CHECK_FALSE(FeedbackView::from(nack.packet)->is_pli());
  const Parsed fir("84ce000400000001000000000000000903000000");
  const auto intra = FeedbackView::from(fir.packet);
  REQUIRE(intra);
  CHECK(intra->is_fir());
  CHECK(common::hex_encode(intra->control_information()) == "0000000903000000");
  const Parsed transport_cc("8fcd00020000000100000009");
  const auto other = FeedbackView::from(transport_cc.packet);
  REQUIRE(other);
  CHECK(other->format() == 15);
  CHECK_FALSE((other->is_nack() || other->is_pli() || other->is_fir()));
}

TEST_CASE("a NACK names its first packet and each of the sixteen behind it whose bit is set", "[rtcp][rfc4585]") {
  CHECK(lost_of("00640000") == std::vector<int>{100});
  CHECK(lost_of("ffff8001") == std::vector<int>{65535, 0, 15});
  CHECK(lost_of("0001000200640000") == std::vector<int>{1, 3, 100});
  CHECK(lost_of("").empty());
}

TEST_CASE("a header that promises more than its body holds gives no view", "[rtcp]") {
  const auto nothing_of = [](const std::string& text) {
    const Parsed parsed(text);
    return !ReportView::from(parsed.packet) && !ByeView::from(parsed.packet) && !AppView::from(parsed.packet) &&
           !FeedbackView::from(parsed.packet);
  };
  CHECK(nothing_of("81c9000100000001"));                         // a block is missing
  CHECK(nothing_of("80c8000100000001"));                         // the sender's information is missing
  CHECK(nothing_of("81c8000600000001" + std::string(40, '0')));  // a block behind it is missing
  CHECK(nothing_of("82cb000100000001"));                         // the second source is missing
  CHECK(nothing_of("81cd000100000001"));                         // the media source is missing
  CHECK(nothing_of("80cc000100000001"));                         // the name is missing
  CHECK(nothing_of("80c90000"));                                 // even the sender is missing
}

TEST_CASE("a view of another type than the packet's is none", "[rtcp]") {
  const Parsed report("80c9000100000001");
  CHECK(ReportView::from(report.packet));
  CHECK_FALSE(SdesView::from(report.packet));
  const Parsed app("81cc00030000000100000001ffffffff");
  CHECK_FALSE(ReportView::from(app.packet));
  CHECK_FALSE(ByeView::from(app.packet));
  CHECK_FALSE(FeedbackView::from(app.packet));
}
