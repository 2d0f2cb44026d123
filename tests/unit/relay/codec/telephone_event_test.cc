#include "relay/codec/telephone_event.h"

#include <catch2/catch.hpp>

#include "common/base/encoding.h"

using namespace relay::codec;
using common::Bytes;

TEST_CASE("an event is its code, the end bit, a volume of six bits and a duration", "[codec][rfc4733]") {
  CHECK(parse_event(Bytes{9, 0x0a, 0x03, 0x20}) == TelephoneEvent{9, false, 10, 800});
  CHECK(parse_event(Bytes{11, 0xbf, 0xff, 0xff}) == TelephoneEvent{11, true, 63, 65535});
}

TEST_CASE("the reserved bit is nothing to a reader and zero from a writer", "[codec][rfc4733]") {
  const auto event = parse_event(Bytes{1, 0xca, 0, 160});
  CHECK(event == TelephoneEvent{1, true, 10, 160});
  CHECK(common::hex_encode(write_event(*event)) == "018a00a0");
}

TEST_CASE("what is shorter than a block is no event, of several the first counts", "[codec][rfc4733]") {
  CHECK_FALSE(parse_event({}));
  CHECK_FALSE(parse_event(Bytes{1, 2, 3}));
  CHECK(parse_event(Bytes{1, 10, 0, 160, 2, 10, 0, 160})->event == 1);
}

TEST_CASE("every event reads back as written", "[codec][rfc4733]") {
  for (const bool end : {false, true}) {
    for (int volume = 0; volume < 64; ++volume) {
      const TelephoneEvent event{static_cast<std::uint8_t>(volume * 4), end, static_cast<std::uint8_t>(volume),
                                 static_cast<std::uint16_t>(volume * 1001)};
      CHECK(parse_event(write_event(event)) == event);
    }
  }
}

TEST_CASE("the sixteen digits have names", "[codec][rfc4733]") {
  std::string names;
  for (std::uint8_t event = 0; event < 16; ++event) names += digit_of(event).value();
  CHECK(names == "0123456789*#ABCD");
  CHECK_FALSE(digit_of(16));
  CHECK_FALSE(digit_of(255));
}
