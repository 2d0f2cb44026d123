#include "relay/codec/waveform_concealment.h"

#include <catch2/catch.hpp>

#include "tests/unit/relay/codec/tone.h"

using namespace relay::codec;

namespace {

/// A hole behind `heard`, filled.
Samples concealed_after(Samples heard, std::size_t samples) {
  WaveformConcealment concealment;
  concealment.on_good(heard);
  Samples filled(samples);
  concealment.conceal(filled);
  return filled;
}

}  // namespace

TEST_CASE("a hole in a tone goes on with it in step, fading from the first sample", "[codec][concealment]") {
  for (const double frequency :
       {8000.0 / 40, 100.0, 8000.0 / 120, 400.0}) {  // the last one faster than any period that is looked for
    CAPTURE(frequency);
    const Samples whole = sine(frequency, 10000, 960);
    const Samples filled = concealed_after({whole.begin(), whole.begin() + 800}, 160);
    for (std::size_t i = 0; i < filled.size(); ++i) {
      const double expected = whole[800 + i] * (480.0 - static_cast<double>(i)) / 480.0;
      CHECK(std::abs(filled[i] - expected) < 100);
    }
  }
}

TEST_CASE("a long hole is silent after 60 ms, however it is cut in packets", "[codec][concealment]") {
  const Samples heard = sine(100, 10000, 800);
  const Samples at_once = concealed_after(heard, 960);
  CHECK(measure(Pcm(at_once).first(80), 100).amplitude > 8000);
  CHECK(measure(Pcm(at_once).subspan(400, 80), 100).amplitude < 2000);
  for (std::size_t i = 480; i < at_once.size(); ++i) CHECK(at_once[i] == 0);
  WaveformConcealment concealment;
  Samples good = heard;
  concealment.on_good(good);
  Samples in_pieces(960);
  for (std::size_t at = 0; at < in_pieces.size(); at += 160) {
    concealment.conceal(MutablePcm(in_pieces).subspan(at, 160));
  }
  CHECK(in_pieces == at_once);
}

TEST_CASE("behind silence, and before anything was heard, a hole is silent", "[codec][concealment]") {
  CHECK(concealed_after(Samples(800), 160) == Samples(160));
  CHECK(concealed_after({}, 160) == Samples(160));
}

TEST_CASE("the sound that ends a hole is blended in over 4 ms and untouched behind them", "[codec][concealment]") {
  WaveformConcealment concealment;
  Samples heard(800, 10000);
  concealment.on_good(heard);
  Samples filled(160);
  concealment.conceal(filled);
  Samples next(160, -10000);
  concealment.on_good(next);
  CHECK(std::abs(next[0] - filled.back()) < 100);
  for (std::size_t i = 1; i < 32; ++i) CHECK(next[i] < next[i - 1]);
  CHECK(Samples(next.begin() + 32, next.end()) == Samples(128, -10000));
}

TEST_CASE("a packet shorter than the blend is blended as a whole", "[codec][concealment]") {
  WaveformConcealment concealment;
  Samples heard(800, 10000);
  concealment.on_good(heard);
  Samples filled(160);
  concealment.conceal(filled);
  Samples next(8, -10000);
  concealment.on_good(next);
  CHECK(next.front() > 6000);
  CHECK(next.back() < -6000);
  Samples after(32, -10000);
  concealment.on_good(after);
  CHECK(after == Samples(32, -10000));
}

TEST_CASE("sound that follows no hole is not touched", "[codec][concealment]") {
  WaveformConcealment concealment;
  const Samples tone = sine(440, 10000, 800);
  for (std::size_t at = 0; at < tone.size(); at += 160) {
    Samples packet(tone.begin() + static_cast<std::ptrdiff_t>(at),
                   tone.begin() + static_cast<std::ptrdiff_t>(at + 160));
    const Samples before = packet;
    concealment.on_good(packet);
    CHECK(packet == before);
  }
}

TEST_CASE("what was heard in small packets is remembered like one large one", "[codec][concealment]") {
  const Samples tone = sine(100, 10000, 800);
  WaveformConcealment concealment;
  for (std::size_t at = 0; at < tone.size(); at += 40) {
    Samples packet(tone.begin() + static_cast<std::ptrdiff_t>(at), tone.begin() + static_cast<std::ptrdiff_t>(at + 40));
    concealment.on_good(packet);
  }
  Samples filled(160);
  concealment.conceal(filled);
  CHECK(filled == concealed_after(tone, 160));
}

TEST_CASE("a second hole begins loud again, with what was heard since the first", "[codec][concealment]") {
  WaveformConcealment concealment;
  Samples heard = sine(100, 10000, 800);
  concealment.on_good(heard);
  Samples filled(480);
  concealment.conceal(filled);
  Samples quiet = sine(100, 1000, 800);
  concealment.on_good(quiet);
  Samples again(80);
  concealment.conceal(again);
  CHECK(measure(again, 100).amplitude == Approx(950).margin(100));
}

TEST_CASE("a reset forgets what was heard and the hole that was open", "[codec][concealment]") {
  WaveformConcealment concealment;
  Samples heard(800, 10000);
  concealment.on_good(heard);
  Samples filled(160);
  concealment.conceal(filled);
  concealment.reset();
  Samples next(160, 500);
  concealment.on_good(next);
  CHECK(next == Samples(160, 500));
}
