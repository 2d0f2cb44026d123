#include "relay/codec/codec.h"

#include <catch2/catch.hpp>

using namespace relay::codec;

namespace {

Format format(Kind kind, std::uint32_t clock_rate = 8000, std::uint8_t channels = 1) {
  return {.kind = kind, .clock_rate = clock_rate, .channels = channels};
}

}  // namespace

TEST_CASE("G.711 and Opus have a decoder and an encoder", "[codec]") {
  for (const Format& known : {format(Kind::Pcmu), format(Kind::Pcma), format(Kind::Opus, 48000, 2)}) {
    CAPTURE(static_cast<int>(known.kind));
    REQUIRE(make_decoder(known));
    const auto encoder = make_encoder(known);
    REQUIRE(encoder);
    const std::vector<std::int16_t> pcm(160);
    common::Bytes payload(1500);
    const auto size = (*encoder)->encode(pcm, payload);
    REQUIRE(size);
    CHECK((*make_decoder(known))->duration({payload.data(), *size}) == 160);
    CHECK(can_transcode(known.kind));
  }
}

TEST_CASE("Opus is one format whatever SDP says of its channels", "[codec][rfc7587]") {
  CHECK(make_decoder(format(Kind::Opus, 48000, 1)));
}

TEST_CASE("other kinds, clock rates and channels are not supported", "[codec]") {
  for (const Format& unknown : {format(Kind::Other), format(Kind::TelephoneEvent), format(Kind::ComfortNoise),
                                format(Kind::Pcmu, 16000), format(Kind::Pcma, 8000, 2), format(Kind::Opus, 16000)}) {
    CAPTURE(static_cast<int>(unknown.kind), unknown.clock_rate);
    CHECK(make_decoder(unknown).error() == CodecError::Unsupported);
    CHECK(make_encoder(unknown).error() == CodecError::Unsupported);
  }
  for (const Kind kind : {Kind::Other, Kind::TelephoneEvent, Kind::ComfortNoise}) CHECK_FALSE(can_transcode(kind));
}

TEST_CASE("a packet time is the nearest not above the wanted one that the codec can make, at least 10 ms", "[codec]") {
  const auto made = [](Kind kind, std::uint16_t wanted) {
    return usable_ptime({.kind = kind, .clock_rate = 8000, .ptime = wanted});
  };
  const auto opus = [&](std::uint16_t wanted) { return made(Kind::Opus, wanted); };
  CHECK(opus(0) == 10);
  CHECK(opus(19) == 10);
  CHECK(opus(20) == 20);
  CHECK(opus(30) == 20);
  CHECK(opus(60) == 60);
  CHECK(opus(90) == 80);
  CHECK(opus(1000) == 120);
  const auto g711 = [&](std::uint16_t wanted) { return made(Kind::Pcmu, wanted); };
  CHECK(g711(0) == 10);
  CHECK(g711(25) == 20);
  CHECK(g711(30) == 30);
  CHECK(g711(90) == 90);
  CHECK(g711(1000) == 120);
}
