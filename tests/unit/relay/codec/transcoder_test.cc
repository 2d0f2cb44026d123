#include "relay/codec/transcoder.h"

#include <catch2/catch.hpp>

#include "common/time/manual_clock.h"
#include "tests/unit/relay/codec/tone.h"

using namespace relay;
using namespace relay::codec;
using namespace std::chrono_literals;

namespace {

Format pcmu(std::uint16_t ptime = 20) { return {.payload_type = 0, .kind = Kind::Pcmu, .ptime = ptime}; }
Format pcma(std::uint16_t ptime = 20) { return {.payload_type = 8, .kind = Kind::Pcma, .ptime = ptime}; }
Format opus(std::uint16_t ptime = 20) {
  return {.payload_type = 111, .kind = Kind::Opus, .clock_rate = 48000, .channels = 2, .ptime = ptime};
}

struct SentFrame {
  std::uint32_t timestamp;
  bool marker;
  common::Bytes payload;
};

/// Encodes `pcm` as a sender of `format` would, one packet after the other.
std::vector<common::Bytes> encode_stream(const Format& format, const Samples& pcm, int loss_percent = 0) {
  auto encoder = *make_encoder(format);
  encoder->set_expected_loss(loss_percent);
  const std::size_t frame = std::size_t{format.ptime} * 8;
  std::vector<common::Bytes> packets;
  for (std::size_t at = 0; at + frame <= pcm.size(); at += frame) {
    common::Bytes out(1500);
    out.resize(*encoder->encode(Pcm{pcm}.subspan(at, frame), out));
    packets.push_back(out);
  }
  return packets;
}

Samples decode_frames(const Format& format, const std::vector<SentFrame>& frames) {
  auto decoder = *make_decoder(format);
  Samples out;
  for (const SentFrame& frame : frames) {
    Samples pcm(decoder->duration(frame.payload));
    REQUIRE(decoder->decode(frame.payload, pcm));
    out.insert(out.end(), pcm.begin(), pcm.end());
  }
  return out;
}

struct Bench {
  Bench(const Format& from_format, const Format& to_format)
      : from(from_format), to(to_format), transcoder(*Transcoder::create(from, to, 1000)) {}

  /// The packet with index `i` of a stream that begins at sequence 65530 and near the wrap of its timestamps.
  void send(std::size_t i, const common::Bytes& payload, std::uint32_t extra_samples = 0) {
    const std::uint32_t samples = static_cast<std::uint32_t>(i) * from.ptime * 8 + extra_samples;
    receive(static_cast<std::uint16_t>(65530 + i), 0xffffff00 + samples * (from.clock_rate / 8000), payload);
  }
  void receive(std::uint16_t sequence, std::uint32_t timestamp, const common::Bytes& payload) {
    transcoder.on_packet({ssrc, sequence, timestamp, payload}, clock.now());
    drain();
    clock.advance(std::chrono::milliseconds{from.ptime});
  }
  void drain() {
    while (const auto frame = transcoder.poll_output()) {
      frames.push_back({frame->timestamp, frame->marker, {frame->payload.begin(), frame->payload.end()}});
    }
  }
  void send_all(const std::vector<common::Bytes>& packets) {
    for (std::size_t i = 0; i < packets.size(); ++i) send(i, packets[i]);
  }
  Samples decoded() const { return decode_frames(to, frames); }

  Format from;
  Format to;
  rtp::Ssrc ssrc{77};
  common::ManualClock clock;
  Transcoder transcoder;
  std::vector<SentFrame> frames;
};

/// Last `count` samples: behind the codec's start.
Pcm tail(const Samples& samples, std::size_t count) { return Pcm{samples}.last(count); }

}  // namespace

TEST_CASE("a tone keeps frequency and level through every pair of codecs", "[codec][transcoder]") {
  const Format formats[] = {pcmu(), pcma(), opus()};
  for (const Format& from : formats) {
    for (const Format& to : formats) {
      CAPTURE(static_cast<int>(from.kind), static_cast<int>(to.kind));
      Bench bench(from, to);
      bench.send_all(encode_stream(from, sine(500, 8000, 16000)));
      REQUIRE(bench.frames.size() == 100);
      const Tone tone = measure(tail(bench.decoded(), 8000), 500);
      CHECK(std::abs(db(tone.amplitude / 8000)) < 1.0);
      CHECK(tone.snr_db > 15);
    }
  }
}

TEST_CASE("G.711 to G.711 keeps what 8 bits can say", "[codec][transcoder]") {
  Bench bench(pcmu(), pcma());
  bench.send_all(encode_stream(pcmu(), sine(503, 8000, 16000)));
  const Tone tone = measure(tail(bench.decoded(), 8000), 503);
  CHECK(std::abs(db(tone.amplitude / 8000)) < 0.2);  // two quantisers in a row; each alone stays within 0.02
  CHECK(tone.snr_db > 33);
}

TEST_CASE("the packet time changes and the time line stays", "[codec][transcoder]") {
  struct Case {
    Format from, to;
    std::uint32_t step;  // output ticks a packet
  };
  const Case cases[] = {{pcmu(10), opus(20), 960},  {pcmu(30), opus(20), 960}, {opus(60), pcmu(20), 160},
                        {opus(20), pcmu(30), 240},  {opus(40), pcma(10), 80},  {pcmu(20), pcma(60), 480},
                        {opus(20), opus(60), 2880}, {pcma(20), opus(40), 1920}};
  for (const Case& c : cases) {
    CAPTURE(static_cast<int>(c.from.kind), c.from.ptime, static_cast<int>(c.to.kind), c.to.ptime);
    Bench bench(c.from, c.to);
    bench.send_all(encode_stream(c.from, sine(400, 6000, 9600)));  // 1.2 s: whole packets of every length
    REQUIRE(bench.frames.size() == 1200U / c.to.ptime);
    for (std::size_t i = 0; i < bench.frames.size(); ++i) {
      CHECK(bench.frames[i].timestamp == 1000 + i * c.step);
      CHECK(bench.frames[i].marker == (i == 0));
    }
    CHECK(std::abs(db(measure(tail(bench.decoded(), 4000), 400).amplitude / 6000)) < 1.0);
  }
}

TEST_CASE("a packet gives its output at once when the packet times agree", "[codec][transcoder]") {
  Bench bench(opus(), pcmu());
  const auto packets = encode_stream(opus(), sine(400, 6000, 1600));
  for (std::size_t i = 0; i < packets.size(); ++i) {
    bench.send(i, packets[i]);
    CHECK(bench.frames.size() == i + 1);
  }
}

TEST_CASE("a lost packet is concealed and the time line stays", "[codec][transcoder]") {
  for (const Format& from : {pcmu(), opus()}) {
    CAPTURE(static_cast<int>(from.kind));
    Bench bench(from, pcma());
    const auto packets = encode_stream(from, sine(400, 6000, 16000));
    for (std::size_t i = 0; i < packets.size(); ++i) {
      if (i != 50) bench.send(i, packets[i]);
    }
    REQUIRE(bench.frames.size() == 100);
    for (std::size_t i = 0; i < 100; ++i) CHECK(bench.frames[i].timestamp == 1000 + 160 * i);
    CHECK(bench.transcoder.statistics().concealed == 1);
    const Samples pcm = bench.decoded();
    CHECK(measure(Pcm{pcm}.subspan(50 * 160, 160), 400).amplitude > 2000);
    CHECK(std::abs(db(measure(tail(pcm, 4000), 400).amplitude / 6000)) < 1.0);
  }
}

TEST_CASE("in-band FEC brings back a lost onset that concealment could not guess", "[codec][transcoder]") {
  Format from = opus();
  from.opus.use_inband_fec = true;
  Samples pcm(16000);
  const Samples tone = sine(400, 9000, 16000 - 50 * 160);
  std::copy(tone.begin(), tone.end(), pcm.begin() + 50 * 160);  // silence, then sound from packet 50 on
  const auto with = encode_stream(from, pcm, 30);
  const auto without = encode_stream(opus(), pcm);
  double level[2];
  for (const bool fec : {false, true}) {
    const auto& packets = fec ? with : without;
    Bench bench(from, pcmu());
    for (std::size_t i = 0; i < packets.size(); ++i) {
      if (i != 51) bench.send(i, packets[i]);
    }
    CHECK(bench.transcoder.statistics().recovered == (fec ? 1 : 0));
    CHECK(bench.transcoder.statistics().concealed == (fec ? 0 : 1));
    const Samples heard = bench.decoded();
    level[fec ? 1 : 0] = measure(Pcm{heard}.subspan(51 * 160, 160), 400).snr_db;
  }
  CHECK(level[1] > level[0]);
  CHECK(level[1] > 6);
}

TEST_CASE("two swapped packets are put in order, a packet after its turn is dropped", "[codec][transcoder]") {
  const auto packets = encode_stream(pcmu(), sine(400, 6000, 1600));
  Bench straight(pcmu(), pcma());
  straight.send_all(packets);
  Bench bench(pcmu(), pcma());
  for (const std::size_t i : {0, 1, 3, 2, 4, 5, 6, 5, 1, 7, 8, 9}) bench.send(i, packets[i]);
  CHECK(bench.transcoder.statistics().concealed == 0);
  CHECK(bench.transcoder.statistics().late == 2);
  REQUIRE(bench.frames.size() == straight.frames.size());
  for (std::size_t i = 0; i < bench.frames.size(); ++i) {
    CHECK(bench.frames[i].payload == straight.frames[i].payload);
    CHECK(bench.frames[i].timestamp == straight.frames[i].timestamp);
  }
}

TEST_CASE("a packet behind a hole does not wait for ever", "[codec][transcoder]") {
  Bench bench(pcmu(), pcma());
  const auto packets = encode_stream(pcmu(), sine(400, 6000, 1600));
  bench.send(0, packets[0]);
  CHECK_FALSE(bench.transcoder.next_timeout());
  bench.send(2, packets[2]);
  CHECK(bench.frames.size() == 1);
  REQUIRE(bench.transcoder.next_timeout());
  bench.clock.advance_to(*bench.transcoder.next_timeout());
  bench.transcoder.on_timeout(bench.clock.now());
  bench.drain();
  CHECK(bench.frames.size() == 3);
  CHECK_FALSE(bench.transcoder.next_timeout());
}

TEST_CASE("a pause is the same pause in the output, with the marker behind it", "[codec][transcoder]") {
  Bench bench(opus(20), pcmu(30));
  const auto packets = encode_stream(opus(20), sine(400, 6000, 3200));
  for (std::size_t i = 0; i < 10; ++i) bench.send(i, packets[i]);  // 200 ms: six packets and 20 ms more
  bench.clock.advance(400ms);
  for (std::size_t i = 10; i < 20; ++i) bench.send(i, packets[i], 3200);  // resumes at 600 ms
  REQUIRE(bench.frames.size() == 6 + 1 + 6);
  CHECK(bench.frames[6].timestamp == 1000 + 6 * 240);
  CHECK_FALSE(bench.frames[6].marker);
  CHECK(bench.frames[7].timestamp == 1000 + 600 * 8);
  CHECK(bench.frames[7].marker);
  CHECK_FALSE(bench.frames[8].marker);
  CHECK(bench.transcoder.statistics().concealed == 0);
}

TEST_CASE("a long burst of loss becomes a pause, not a made-up sound", "[codec][transcoder]") {
  Bench bench(pcmu(), pcma());
  const auto packets = encode_stream(pcmu(), sine(400, 6000, 16000));
  for (std::size_t i = 0; i < packets.size(); ++i) {
    if (i < 20 || i >= 40)
      bench.send(i, packets[i]);
    else
      bench.clock.advance(20ms);
  }
  CHECK(bench.frames.size() == 80);
  CHECK(bench.frames[20].timestamp == 1000 + 40 * 160);
  CHECK(bench.frames[20].marker);
}

TEST_CASE("a new source goes on where the old one stopped on our time line", "[codec][transcoder]") {
  Bench bench(pcmu(), opus());
  const auto packets = encode_stream(pcmu(), sine(400, 6000, 1600));
  for (std::size_t i = 0; i < 5; ++i) bench.send(i, packets[i]);
  bench.clock.advance(100ms);
  bench.ssrc = {78};
  bench.receive(9, 123456, packets[5]);
  bench.receive(10, 123456 + 160, packets[6]);
  REQUIRE(bench.frames.size() == 7);
  CHECK(bench.frames[5].timestamp == 1000 + 200 * 48);
  CHECK(bench.frames[5].marker);
  CHECK(bench.frames[6].timestamp == 1000 + 220 * 48);
  CHECK(bench.transcoder.statistics().restarts == 1);
}

TEST_CASE("a time line that jumps back, or ahead of the clock, is joined to ours", "[codec][transcoder]") {
  for (const std::uint32_t jump : {0x40000000U, 0xc0000000U}) {
    Bench bench(pcmu(), pcma());
    const auto packets = encode_stream(pcmu(), sine(400, 6000, 1600));
    bench.receive(1, 1000, packets[0]);
    bench.receive(2, 1160, packets[1]);
    bench.receive(3, 1320 + jump, packets[2]);
    bench.receive(4, 1480 + jump, packets[3]);
    REQUIRE(bench.frames.size() == 4);
    for (std::size_t i = 0; i < 4; ++i) CHECK(bench.frames[i].timestamp == 1000 + 160 * i);
    CHECK(bench.transcoder.statistics().restarts == 1);
  }
}

TEST_CASE("events take their sequence numbers and stay in step with the sound", "[codec][transcoder]") {
  Bench bench(opus(), pcmu());
  const auto packets = encode_stream(opus(), sine(400, 6000, 3200));
  bench.receive(10, 48000, packets[0]);
  bench.receive(11, 48960, packets[1]);
  for (std::uint16_t i = 0; i < 5; ++i) {  // 100 ms of an event in place of the sound
    const auto at = bench.transcoder.on_other_packet({bench.ssrc, static_cast<std::uint16_t>(12 + i), 49920, {}},
                                                     bench.clock.now());
    CHECK(at == 1000 + 320);
    bench.clock.advance(20ms);
  }
  bench.receive(17, 49920 + 4800, packets[2]);
  REQUIRE(bench.frames.size() == 3);
  CHECK(bench.frames[2].timestamp == 1000 + 320 + 800);
  CHECK(bench.frames[2].marker);
  CHECK(bench.transcoder.statistics().concealed == 0);
}

TEST_CASE("with DTX silence sends next to nothing and the sound behind it has the marker", "[codec][transcoder]") {
  Format to = opus();
  to.opus.use_dtx = true;
  Bench bench(pcmu(), to);
  Samples pcm(32000);
  const Samples tone = sine(400, 6000, 4000);
  std::copy(tone.begin(), tone.end(), pcm.begin() + 28000);
  bench.send_all(encode_stream(pcmu(), pcm));
  CHECK(bench.frames.size() < 120);
  CHECK(bench.frames.back().timestamp == 1000 + 199 * 960);
  bool marked = false;
  for (const SentFrame& frame : bench.frames) marked = marked || (frame.marker && frame.timestamp > 1000);
  CHECK(marked);
}

TEST_CASE("payloads no decoder knows are counted and harm nobody", "[codec][transcoder]") {
  Bench bench(opus(), pcmu());
  const auto packets = encode_stream(opus(), sine(400, 6000, 3200));
  bench.send(0, packets[0]);
  bench.send(1, {});
  bench.send(2, common::Bytes(2000, 0xff));
  bench.send(3, {0xff, 0xff, 0xff});
  for (std::size_t i = 4; i < 10; ++i) bench.send(i, packets[i]);
  CHECK(bench.transcoder.statistics().malformed >= 2);
  CHECK(bench.frames.size() == 10);
}

TEST_CASE("what cannot be transcoded is refused when it is set up", "[codec][transcoder]") {
  const Format other{.kind = Kind::Other, .clock_rate = 16000};
  CHECK(Transcoder::create(other, pcmu(), 0).error() == CodecError::Unsupported);
  CHECK(Transcoder::create(pcmu(), other, 0).error() == CodecError::Unsupported);
}

TEST_CASE("a packet time is the wanted one, or the next shorter one that the codec makes and the receiver takes",
          "[codec][transcoder]") {
  const auto sent = [](Format format, std::uint16_t longest) {
    format.max_ptime = longest;
    return usable_ptime(format);
  };
  CHECK(usable_ptime(opus(30)) == 20);
  CHECK(usable_ptime(pcmu(30)) == 30);
  CHECK(usable_ptime(opus(0)) == 10);
  CHECK(sent(opus(20), 40) == 20);
  CHECK(sent(opus(60), 40) == 40);
  CHECK(sent(opus(60), 50) == 40);
  CHECK(sent(pcmu(60), 50) == 50);
  CHECK(sent(pcma(20), 10) == 10);
  Format to = opus(60);
  to.max_ptime = 40;
  CHECK(Transcoder::create(pcmu(20), to, 0)->ptime() == 40);
}
