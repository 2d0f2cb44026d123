#include "relay/packet/demux.h"

#include <catch2/catch.hpp>

using namespace relay::packet;

namespace {

DatagramKind kind_of(unsigned first, unsigned second, std::size_t size = 40) {
  common::Bytes bytes(size);
  if (size > 0) bytes[0] = static_cast<std::uint8_t>(first);
  if (size > 1) bytes[1] = static_cast<std::uint8_t>(second);
  return classify(bytes);
}

}  // namespace

TEST_CASE("the first byte tells the protocol as RFC 7983 says", "[demux][rfc7983]") {
  for (unsigned first = 0; first < 256; ++first) {
    CAPTURE(first);
    const DatagramKind expected = first <= 3                     ? DatagramKind::Stun
                                  : first >= 20 && first <= 63   ? DatagramKind::Dtls
                                  : first >= 128 && first <= 191 ? DatagramKind::Rtp
                                                                 : DatagramKind::Unknown;
    CHECK(kind_of(first, 0) == expected);
  }
}

TEST_CASE("the second byte tells RTCP from RTP as RFC 5761 says", "[demux][rfc5761]") {
  for (unsigned second = 0; second < 256; ++second) {
    CAPTURE(second);
    CHECK(kind_of(0x80, second) == (second >= 192 && second <= 223 ? DatagramKind::Rtcp : DatagramKind::Rtp));
  }
}

TEST_CASE("datagrams shorter than a header are unknown", "[demux]") {
  for (const unsigned first : {0U, 22U, 0x80U}) {
    for (std::size_t size = 0; size < 8; ++size) CHECK(kind_of(first, 200, size) == DatagramKind::Unknown);
  }
  CHECK(kind_of(0x80, 0, 11) == DatagramKind::Unknown);
  CHECK(kind_of(0x80, 201, 8) == DatagramKind::Rtcp);
  CHECK(kind_of(1, 0, 19) == DatagramKind::Unknown);
  CHECK(kind_of(22, 0, 12) == DatagramKind::Unknown);
}
