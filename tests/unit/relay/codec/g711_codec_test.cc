#include "relay/codec/g711_codec.h"

#include <catch2/catch.hpp>

#include "relay/codec/g711.h"
#include "tests/unit/relay/codec/tone.h"

using namespace relay::codec;
using common::Bytes;

namespace {

Bytes encoded(Kind kind, const Samples& pcm) {
  G711Encoder encoder(kind);
  Bytes out(pcm.size());
  REQUIRE(encoder.encode(pcm, out) == pcm.size());
  return out;
}

}  // namespace

TEST_CASE("a G.711 packet lasts one sample an octet, from one to 120 ms of them", "[codec][g711]") {
  const G711Decoder decoder(Kind::Pcmu);
  CHECK(decoder.duration({}) == 0);
  CHECK(decoder.duration(Bytes(1)) == 1);
  CHECK(decoder.duration(Bytes(960)) == 960);
  CHECK(decoder.duration(Bytes(961)) == 0);
}

TEST_CASE("each kind has its own law in both directions", "[codec][g711]") {
  const Samples pcm{0, 1000, -1000, 32767};
  for (const Kind kind : {Kind::Pcmu, Kind::Pcma}) {
    const bool alaw = kind == Kind::Pcma;
    const Bytes octets = encoded(kind, pcm);
    Samples decoded(4);
    G711Decoder decoder(kind);
    REQUIRE(decoder.decode(octets, decoded) == 4U);
    for (std::size_t i = 0; i < pcm.size(); ++i) {
      CHECK(octets[i] == (alaw ? encode_alaw(pcm[i]) : encode_ulaw(pcm[i])));
      CHECK(decoded[i] == (alaw ? decode_alaw(octets[i]) : decode_ulaw(octets[i])));
    }
  }
  CHECK(encoded(Kind::Pcmu, pcm) != encoded(Kind::Pcma, pcm));
}

TEST_CASE("a payload that lasts no time, or has no room, gives an error and nothing else", "[codec][g711]") {
  G711Decoder decoder(Kind::Pcmu);
  Samples room(2000, 7);
  CHECK(decoder.decode({}, room).error() == CodecError::BadPayload);
  CHECK(decoder.decode(Bytes(961), room).error() == CodecError::BadPayload);
  CHECK(decoder.decode(Bytes(160), MutablePcm(room).first(159)).error() == CodecError::NoRoom);
  CHECK(room == Samples(2000, 7));
  G711Encoder encoder(Kind::Pcmu);
  Bytes out(159);
  CHECK(encoder.encode(Samples(160), out).error() == CodecError::NoRoom);
}

TEST_CASE("a lost packet sounds on, whether its successor is there or not, since that carries no copy",
          "[codec][g711]") {
  G711Decoder decoder(Kind::Pcma);
  const Bytes payload = encoded(Kind::Pcma, sine(100, 8000, 400));
  Samples pcm(400);
  REQUIRE(decoder.decode(payload, pcm));
  CHECK(decoder.recoverable(payload) == 0);
  G711Decoder same = decoder;
  Samples concealed(160);
  decoder.conceal(concealed);
  CHECK(measure(concealed, 100).amplitude > 4000);
  Samples recovered(160);
  same.recover(payload, recovered);
  CHECK(recovered == concealed);
}

TEST_CASE("a decoder that is reset conceals with silence", "[codec][g711]") {
  G711Decoder decoder(Kind::Pcmu);
  const Bytes payload = encoded(Kind::Pcmu, sine(100, 8000, 400));
  Samples pcm(400);
  REQUIRE(decoder.decode(payload, pcm));
  decoder.reset();
  Samples concealed(160, 1);
  decoder.conceal(concealed);
  CHECK(concealed == Samples(160));
}
