#include "relay/rtcp/compound_writer.h"

#include <array>
#include <catch2/catch.hpp>

#include "common/base/encoding.h"
#include "relay/rtcp/packet_views.h"

using namespace relay;
using namespace relay::rtcp;

namespace {

const std::array kBlocks{ReportBlock{.ssrc = {0x11111111},
                                     .fraction_lost = 64,
                                     .cumulative_lost = -2,
                                     .extended_highest_sequence = 0x00010005,
                                     .jitter = 17,
                                     .last_sender_report = 0xaabbccdd,
                                     .delay_since_sender_report = 65536}};
const std::string kBlockHex =
    "11111111"
    "40fffffe"
    "00010005"
    "00000011"
    "aabbccdd"
    "00010000";

/// What `write` puts into an empty compound.
template <class Write>
std::string written(Write write) {
  packet::PacketBuffer packet;
  CompoundWriter writer(packet);
  REQUIRE(write(writer));
  return common::hex_encode(packet.span());
}

}  // namespace

TEST_CASE("a sender report is written as RFC 3550 draws it", "[rtcp][rfc3550]") {
  CHECK(written([](CompoundWriter& writer) {
          return writer.sender_report({1}, {{0x0123456789abcdef}, 160, 5, 800}, kBlocks);
        }) ==
        "81c8000c"
        "00000001"
        "0123456789abcdef"
        "000000a0"
        "00000005"
        "00000320" +
            kBlockHex);
}

TEST_CASE("a receiver report may be empty", "[rtcp][rfc3550]") {
  CHECK(written([](CompoundWriter& writer) { return writer.receiver_report({1}, {}); }) == "80c9000100000001");
  CHECK(written([](CompoundWriter& writer) { return writer.receiver_report({1}, kBlocks); }) ==
        "81c9000700000001" + kBlockHex);
}

TEST_CASE("a CNAME of any length ends with a zero byte at a word boundary", "[rtcp][rfc3550]") {
  CHECK(written([](CompoundWriter& writer) { return writer.source_description({1}, "abcdef"); }) ==
        "81ca00040000000101066162636465660000"
        "0000");
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

TEST_CASE("BYE lists its sources, and a reason padded to whole words", "[rtcp][rfc3550]") {
  const rtp::Ssrc leaving[] = {{1}, {5}};
  CHECK(written([&](CompoundWriter& writer) { return writer.bye(leaving); }) == "82cb00020000000100000005");
  CHECK(written([&](CompoundWriter& writer) { return writer.bye(leaving, "end"); }) ==
        "82cb0003000000010000000503656e64");
  CHECK(written([&](CompoundWriter& writer) { return writer.bye(leaving, "gone"); }) ==
        "82cb0004000000010000000504676f6e65000000");
}

TEST_CASE("picture loss, intra requests and NACKs are written as RFC 4585 and RFC 5104 draw them",
          "[rtcp][rfc4585][rfc5104]") {
  CHECK(written([](CompoundWriter& writer) { return writer.picture_loss_indication({1}, {9}); }) ==
        "81ce00020000000100000009");
  CHECK(written([](CompoundWriter& writer) { return writer.full_intra_request({1}, {9}, 3); }) ==
        "84ce000400000001000000000000000903000000");
  CHECK(written([](CompoundWriter& writer) { return writer.nack({1}, {9}, 65535, 0x8001); }) ==
        "81cd00030000000100000009ffff8001");
}

TEST_CASE("a compound of SR, SDES, feedback and BYE reads back as written", "[rtcp][rfc3550][rfc4585]") {
  packet::PacketBuffer packet;
  CompoundWriter writer(packet);
  const rtp::Ssrc leaving[] = {{1}};
  REQUIRE(writer.sender_report({1}, {}, kBlocks));
  REQUIRE(writer.source_description({1}, "abcdef"));
  REQUIRE(writer.picture_loss_indication({1}, {9}));
  REQUIRE(writer.bye(leaving, "gone"));
  auto compound = CompoundView::parse(packet.span());
  REQUIRE(compound);
  const auto report = ReportView::from(*compound->next());
  REQUIRE(report);
  CHECK(report->block(0).cumulative_lost == -2);
  CHECK(SdesView::from(*compound->next()));
  CHECK(FeedbackView::from(*compound->next())->is_pli());
  CHECK(ByeView::from(*compound->next())->reason() == "gone");
  CHECK_FALSE(compound->next());
}

TEST_CASE("a writer replaces what the packet held before", "[rtcp]") {
  packet::PacketBuffer packet;
  packet.assign(common::Bytes(100, 0xff));
  CompoundWriter writer(packet);
  CHECK(packet.size() == 0);
  REQUIRE(writer.source_description({1}, "a"));
  CHECK(common::hex_encode(packet.span()) == "81ca00020000000101016100");
}

TEST_CASE("what does not fit is not written, and what stands before it stays whole", "[rtcp]") {
  packet::PacketBuffer packet;
  CompoundWriter writer(packet);
  const std::vector<ReportBlock> most(31);
  REQUIRE(writer.receiver_report({1}, most));
  REQUIRE(writer.receiver_report({1}, most));
  const std::size_t before = packet.size();
  CHECK_FALSE(writer.receiver_report({1}, most));
  CHECK_FALSE(writer.sender_report({1}, {}, most));
  CHECK(packet.size() == before);
  REQUIRE(writer.source_description({1}, "still fits"));
  CHECK(CompoundView::parse(packet.span()));
}

TEST_CASE("more than a header can count, or a text longer than its length field can say, is refused", "[rtcp]") {
  packet::PacketBuffer packet;
  CompoundWriter writer(packet);
  const std::vector<ReportBlock> blocks(32);
  const std::vector<rtp::Ssrc> sources(32);
  const std::string text(256, 'x');
  CHECK_FALSE(writer.receiver_report({1}, blocks));
  CHECK_FALSE(writer.sender_report({1}, {}, blocks));
  CHECK_FALSE(writer.bye(sources));
  CHECK_FALSE(writer.bye(std::span(sources).first(1), text));
  CHECK_FALSE(writer.source_description({1}, text));
  CHECK(packet.size() == 0);
}
