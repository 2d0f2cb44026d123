#include "relay/codec/opus_codec.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "common/base/encoding.h"
#include "tests/unit/relay/codec/tone.h"

using namespace relay::codec;
using common::Bytes;

namespace {

constexpr std::size_t kFrame = 160;  // 20 ms

std::vector<Bytes> encode_all(Encoder& encoder, const Samples& pcm, std::size_t frame = kFrame) {
  std::vector<Bytes> packets;
  for (std::size_t at = 0; at + frame <= pcm.size(); at += frame) {
    Bytes out(1500);
    const auto size = encoder.encode(Pcm{pcm}.subspan(at, frame), out);
    REQUIRE(size);
    out.resize(*size);
    packets.push_back(std::move(out));
  }
  return packets;
}

std::vector<Bytes> encode_all(const OpusParameters& parameters, const Samples& pcm, int loss_percent = 0) {
  auto encoder = *OpusPacketEncoder::create(parameters);
  encoder->set_expected_loss(loss_percent);
  return encode_all(*encoder, pcm);
}

Samples decode_all(Decoder& decoder, const std::vector<Bytes>& packets) {
  Samples out;
  for (const Bytes& packet : packets) {
    Samples pcm(decoder.duration(packet));
    REQUIRE(decoder.decode(packet, pcm) == pcm.size());
    out.insert(out.end(), pcm.begin(), pcm.end());
  }
  return out;
}

std::size_t bytes_in(const std::vector<Bytes>& packets) {
  std::size_t sum = 0;
  for (const Bytes& packet : packets) sum += packet.size();
  return sum;
}

/// A packet of configuration and frame count code `code`, RFC 6716 §3.1, with `more` behind its first byte.
Bytes packet_of(unsigned configuration, unsigned code, const Bytes& more) {
  Bytes packet{static_cast<std::uint8_t>(configuration << 3 | code)};
  packet.insert(packet.end(), more.begin(), more.end());
  return packet;
}

}  // namespace

TEST_CASE("how long an Opus packet lasts stands in its first bytes", "[codec][opus][rfc6716]") {
  const auto decoder = *OpusPacketDecoder::create();
  const auto duration = [&](unsigned configuration, unsigned code, const Bytes& more) {
    return decoder->duration(packet_of(configuration, code, more));
  };
  CHECK(duration(0, 0, {1}) == 80);    // SILK, 10 ms
  CHECK(duration(1, 0, {1}) == 160);   // 20 ms
  CHECK(duration(3, 0, {1}) == 480);   // 60 ms
  CHECK(duration(16, 0, {1}) == 20);   // CELT, 2.5 ms
  CHECK(duration(31, 0, {1}) == 160);  // full band, 20 ms
  CHECK(duration(1, 0, {}) == 160);    // nothing but the first byte: DTX
  CHECK(duration(1, 1, {1, 2}) == 320);
  CHECK(duration(1, 2, {1, 7, 8}) == 320);
  CHECK(duration(1, 3, {6, 1, 2, 3, 4, 5, 6}) == 960);  // six frames: 120 ms
}

TEST_CASE("a packet that breaks the rules of RFC 6716, lasts longer than 120 ms or is empty has no duration",
          "[codec][opus][rfc6716]") {
  const auto decoder = *OpusPacketDecoder::create();
  Samples room(2000);
  const Bytes malformed[] = {
      {},
      packet_of(1, 1, {1, 2, 3}),                 // two frames of equal length in three bytes
      packet_of(1, 2, {5, 1}),                    // the first frame is longer than the packet
      packet_of(1, 2, {}),                        // no length
      packet_of(1, 3, {}),                        // no frame count
      packet_of(1, 3, {0}),                       // no frame
      packet_of(1, 3, {7, 1, 2, 3, 4, 5, 6, 7}),  // 140 ms
      packet_of(1, 3, {0x41, 200, 1}),            // more padding than packet
      packet_of(1, 0, Bytes(1276)),               // a frame longer than 1275 bytes
  };
  for (const Bytes& packet : malformed) {
    CAPTURE(common::hex_encode(packet));
    CHECK(decoder->duration(packet) == 0);
    CHECK(decoder->recoverable(packet) == 0);
    CHECK(decoder->decode(packet, room).error() == CodecError::BadPayload);
  }
}

TEST_CASE("a packet without room for its samples is refused", "[codec][opus]") {
  const auto packets = encode_all(OpusParameters{}, sine(400, 6000, kFrame));
  const auto decoder = *OpusPacketDecoder::create();
  Samples room(kFrame - 1);
  CHECK(decoder->decode(packets[0], room).error() == CodecError::NoRoom);
}

TEST_CASE("a tone comes back with its level", "[codec][opus]") {
  const auto decoder = *OpusPacketDecoder::create();
  const Samples heard = decode_all(*decoder, encode_all(OpusParameters{}, sine(500, 8000, 16000)));
  REQUIRE(heard.size() == 16000);
  const Tone tone = measure(Pcm(heard).last(8000), 500);
  CHECK(std::abs(db(tone.amplitude / 8000)) < 1.0);
  CHECK(tone.snr_db > 15);
}

TEST_CASE("an encoder takes the packet times of Opus and no other", "[codec][opus][rfc7587]") {
  for (const std::size_t samples : {80, 160, 320, 480, 640, 800, 960}) {
    CAPTURE(samples);
    const auto encoder = *OpusPacketEncoder::create({});
    const auto decoder = *OpusPacketDecoder::create();
    const auto packets = encode_all(*encoder, sine(400, 6000, samples), samples);
    REQUIRE(packets.size() == 1);
    CHECK(decoder->duration(packets[0]) == samples);
  }
  const auto encoder = *OpusPacketEncoder::create({});
  Bytes out(1500);
  CHECK(encoder->encode(Samples(240), out).error() == CodecError::Internal);
}

TEST_CASE("an average bitrate the peer asks for is kept, one below 6 kbit/s is 6", "[codec][opus][rfc7587]") {
  const Samples pcm = sine(400, 6000, 16000);
  for (const std::uint32_t rate : {8000U, 16000U, 32000U}) {
    CAPTURE(rate);
    const std::size_t bytes = bytes_in(encode_all({.max_average_bitrate = rate, .cbr = true}, pcm));
    CHECK(bytes * 8 / 2 <= rate + 400);
    CHECK(bytes * 8 / 2 >= rate * 9 / 10);
  }
  CHECK(encode_all({.max_average_bitrate = 500, .cbr = true}, pcm) ==
        encode_all({.max_average_bitrate = 6000, .cbr = true}, pcm));
}

TEST_CASE("nobody is sent more than 32 kbit/s, which is what is sent unasked", "[codec][opus]") {
  const Samples pcm = sine(400, 6000, 16000);
  const auto unasked = encode_all({.cbr = true}, pcm);
  CHECK(bytes_in(unasked) * 8 / 2 <= 32400);
  CHECK(encode_all({.max_average_bitrate = 510000, .cbr = true}, pcm) == unasked);
}

TEST_CASE("with a constant bitrate every packet has the same size, without it they differ", "[codec][opus][rfc7587]") {
  Samples pcm = sine(400, 6000, 8000);
  std::fill(pcm.begin() + 4000, pcm.end(), std::int16_t{0});
  const auto sizes = [&](bool cbr) {
    std::vector<std::size_t> all;
    for (const Bytes& packet : encode_all({.cbr = cbr}, pcm)) all.push_back(packet.size());
    return all;
  };
  const auto constant = sizes(true);
  CHECK(constant == std::vector<std::size_t>(constant.size(), constant[0]));
  const auto variable = sizes(false);
  CHECK(variable != std::vector<std::size_t>(variable.size(), variable[0]));
}

TEST_CASE("with DTX silence is nothing to send, without it silence is sent like sound", "[codec][opus][rfc7587]") {
  const Samples silence(32000);
  const auto nothing = [](const std::vector<Bytes>& packets) {
    return std::count_if(packets.begin(), packets.end(), [](const Bytes& packet) { return packet.empty(); });
  };
  CHECK(nothing(encode_all({.use_dtx = true}, silence)) > 100);
  CHECK(nothing(encode_all({.use_dtx = false}, silence)) == 0);
}

TEST_CASE("a packet carries a copy of its predecessor once the peer asked for it and reports loss",
          "[codec][opus][rfc7587]") {
  const Samples pcm = sine(400, 9000, 16000);
  const auto decoder = *OpusPacketDecoder::create();
  const auto copies = [&](const OpusParameters& parameters, int loss_percent) {
    const auto packets = encode_all(parameters, pcm, loss_percent);
    return std::count_if(packets.begin(), packets.end(),
                         [&](const Bytes& packet) { return decoder->recoverable(packet) == kFrame; });
  };
  CHECK(copies({.use_inband_fec = true}, 20) > 10);
  CHECK(copies({.use_inband_fec = true}, 0) == 0);
  CHECK(copies({.use_inband_fec = false}, 20) == 0);
}

TEST_CASE("whether a packet carries a copy stands in front of its first frame, by channel", "[codec][opus][rfc6716]") {
  const auto decoder = *OpusPacketDecoder::create();
  const auto copied = [&](std::uint8_t first, std::uint8_t flags) {
    return decoder->recoverable(Bytes{first, flags, 0});
  };
  CHECK(copied(0x08, 0x40) == 160);  // SILK, 20 ms: a bit of voice activity, then the copy's
  CHECK(copied(0x08, 0xbf) == 0);
  CHECK(copied(0x10, 0x20) == 320);  // 40 ms: two bits of voice activity
  CHECK(copied(0x10, 0xdf) == 0);
  CHECK(copied(0x18, 0x10) == 480);  // 60 ms: three
  CHECK(copied(0x0c, 0x40) == 160);  // stereo: the middle's
  CHECK(copied(0x0c, 0x10) == 160);  // or the side's
  CHECK(copied(0x0c, 0xaf) == 0);
  CHECK(copied(0x08, 0x10) == 0);                 // mono: that bit says something else
  CHECK(copied(0x98, 0xff) == 0);                 // CELT has no copies
  CHECK(decoder->recoverable(Bytes{0x08}) == 0);  // DTX
}

TEST_CASE("what is recovered from a copy is nearer to what was lost than a guess", "[codec][opus]") {
  Samples pcm(16000);
  const Samples tone = sine(400, 9000, 8000);
  std::copy(tone.begin(), tone.end(), pcm.begin() + 8000);
  const auto packets = encode_all({.use_inband_fec = true}, pcm, 30);
  const std::size_t lost = 51;  // the second packet of sound
  const auto level = [&](bool recovers) {
    const auto decoder = *OpusPacketDecoder::create();
    decode_all(*decoder, {packets.begin(), packets.begin() + lost});
    Samples filled(kFrame);
    if (recovers) {
      REQUIRE(decoder->recoverable(packets[lost + 1]) == kFrame);
      decoder->recover(packets[lost + 1], filled);
    } else {
      decoder->conceal(filled);
    }
    return measure(filled, 400).snr_db;
  };
  CHECK(level(true) > level(false));
  CHECK(level(true) > 6);
}

TEST_CASE("concealment goes on with the sound, for any length", "[codec][opus]") {
  const auto packets = encode_all(OpusParameters{}, sine(400, 6000, 8000));
  for (const std::size_t samples : {20, 160, 960}) {
    CAPTURE(samples);
    const auto decoder = *OpusPacketDecoder::create();
    decode_all(*decoder, packets);
    Samples filled(samples);
    decoder->conceal(filled);
    CHECK(measure(Pcm(filled).first(20), 400).amplitude > 3000);
  }
  const auto decoder = *OpusPacketDecoder::create();
  decode_all(*decoder, packets);
  Samples odd(33);
  decoder->conceal(odd);
  for (std::size_t i = 20; i < odd.size(); ++i) CHECK(odd[i] == odd[19]);  // libopus conceals 2.5 ms at a time
  Samples tiny(7, 99);
  decoder->conceal(tiny);
  CHECK(tiny == Samples(7));
}

TEST_CASE("a decoder that is reset is as new", "[codec][opus]") {
  const auto packets = encode_all(OpusParameters{}, sine(400, 6000, 8000));
  const auto fresh = *OpusPacketDecoder::create();
  const auto used = *OpusPacketDecoder::create();
  decode_all(*used, packets);
  used->reset();
  CHECK(decode_all(*used, packets) == decode_all(*fresh, packets));
}

TEST_CASE("complexity changes what is sent, and is held between 0 and 10", "[codec][opus]") {
  const Samples pcm = sine(440, 6000, 8000);
  const auto with = [&](int complexity) {
    auto encoder = *OpusPacketEncoder::create({});
    encoder->set_complexity(complexity);
    return encode_all(*encoder, pcm);
  };
  CHECK(with(0) != with(10));
  CHECK(with(99) == with(10));
  CHECK(with(-1) == with(0));
}
