#include "relay/rtp/packet_view.h"

#include <catch2/catch.hpp>

#include "common/base/encoding.h"

using namespace relay::rtp;
using common::Bytes;

namespace {

Bytes hex(std::string_view text) { return *common::hex_decode(text); }
std::string payload_of(const PacketView& view) { return common::hex_encode(view.payload()); }

// Two CSRCs, a one-byte-header extension (RFC 8285) of one word, three bytes of payload, five of padding.
const std::string kFull =
    "b2efabcd0102030411223344"
    "aaaaaaaabbbbbbbb"
    "bede000110ff0000"
    "010203"
    "0000000005";

}  // namespace

TEST_CASE("every field of an RTP header is read where RFC 3550 puts it", "[rtp][rfc3550]") {
  const Bytes bytes = hex(kFull);
  const auto view = PacketView::parse(bytes);
  REQUIRE(view);
  CHECK(view->marker());
  CHECK(view->payload_type() == 0x6f);
  CHECK(view->sequence() == 0xabcd);
  CHECK(view->timestamp() == 0x01020304);
  CHECK(view->ssrc().value == 0x11223344);
  REQUIRE(view->csrc_count() == 2);
  CHECK(view->csrc(1).value == 0xbbbbbbbb);
  REQUIRE(view->has_extension());
  CHECK(view->extension_profile() == 0xbede);
  CHECK(common::hex_encode(view->extension()) == "10ff0000");
  CHECK(view->padding_size() == 5);
  CHECK(view->header_size() == 28);
  CHECK(payload_of(*view) == "010203");
}

TEST_CASE("a packet cut anywhere before its end is refused, or keeps to what is there", "[rtp]") {
  const Bytes bytes = hex(kFull);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto view = PacketView::parse({bytes.data(), size});
    if (size < 28) {
      CHECK(view.error() == ParseError::Truncated);
    } else if (view) {
      CHECK(view->header_size() + view->payload().size() + view->padding_size() == size);
    }
  }
}

TEST_CASE("another version and impossible padding are refused", "[rtp]") {
  CHECK(PacketView::parse(hex("400000010000000200000003")).error() == ParseError::BadVersion);
  CHECK(PacketView::parse(hex("a00000010000000200000003")).error() == ParseError::BadPadding);
  CHECK(PacketView::parse(hex("a0000001000000020000000300")).error() == ParseError::BadPadding);
  CHECK(PacketView::parse(hex("a0000001000000020000000302")).error() == ParseError::BadPadding);
  const Bytes only_padding = hex("a0000001000000020000000301");
  REQUIRE(PacketView::parse(only_padding));
  CHECK(PacketView::parse(only_padding)->payload().empty());
}

TEST_CASE("padding of an encrypted packet is not looked at", "[rtp]") {
  const Bytes bytes = hex("a000000100000002000000030102ff");
  const auto view = PacketView::parse(bytes, PacketView::Padding::Ignore);
  REQUIRE(view);
  CHECK(view->padding_size() == 0);
  CHECK(payload_of(*view) == "0102ff");
}
