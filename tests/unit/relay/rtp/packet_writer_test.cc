#include "relay/rtp/packet_writer.h"

#include <catch2/catch.hpp>

#include "common/base/encoding.h"

using namespace relay;
using namespace relay::rtp;
using common::Bytes;

TEST_CASE("a packet is a fixed header of version 2 and the payload behind it", "[rtp][rfc3550]") {
  packet::PacketBuffer packet;
  const Bytes payload{1, 2, 3, 4, 5};
  REQUIRE(write_packet(packet, {101, true, 65535, 0xfffffffe, {0x11223344}}, payload));
  CHECK(common::hex_encode(packet.span()) == "80e5fffffffffffe112233440102030405");
  REQUIRE(write_packet(packet, {0, false, 1, 160, {7}}, payload));
  CHECK(common::hex_encode(packet.span()) == "80000001000000a0000000070102030405");
}

TEST_CASE("a packet may have no payload at all", "[rtp]") {
  packet::PacketBuffer packet;
  REQUIRE(write_packet(packet, {}, {}));
  CHECK(packet.size() == kFixedHeaderSize);
  CHECK(PacketView::parse(packet.span())->payload().empty());
}

TEST_CASE("a packet is written behind the whole headroom, whatever was there before", "[rtp]") {
  packet::PacketBuffer packet;
  packet.assign(Bytes(500, 0xff));
  packet.extend_front(20);
  REQUIRE(write_packet(packet, {}, Bytes(10)));
  CHECK(packet.size() == kFixedHeaderSize + 10);
  CHECK(packet.headroom() == packet::PacketBuffer::kHeadroom);
}

TEST_CASE("the longest payload fits, one byte more leaves an empty packet", "[rtp]") {
  packet::PacketBuffer packet;
  constexpr std::size_t kMost = packet::PacketBuffer::kMaxDatagram - kFixedHeaderSize;
  REQUIRE(write_packet(packet, {}, Bytes(kMost)));
  CHECK(packet.size() == packet::PacketBuffer::kMaxDatagram);
  CHECK_FALSE(write_packet(packet, {}, Bytes(kMost + 1)));
  CHECK(packet.size() == 0);
}
