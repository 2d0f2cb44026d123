#include "relay/rtp/header_edit.h"

#include <catch2/catch.hpp>

#include "common/base/encoding.h"

using namespace relay;
using namespace relay::rtp;

TEST_CASE("an edit changes its field and nothing else", "[rtp]") {
  packet::PacketBuffer packet;
  packet.assign(*common::hex_decode("b2efabcd0102030411223344aaaaaaaabbbbbbbbbede000110ff0000010203"));
  set_payload_type(packet, 0);
  CHECK(common::hex_encode(packet.span()) == "b280abcd0102030411223344aaaaaaaabbbbbbbbbede000110ff0000010203");
  set_sequence(packet, 0x1111);
  CHECK(common::hex_encode(packet.span()) == "b28011110102030411223344aaaaaaaabbbbbbbbbede000110ff0000010203");
  set_payload_type(packet, 127);
  CHECK(packet.data()[1] == 0xff);
}
