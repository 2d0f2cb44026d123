#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

#include "relay/codec/codec.h"
#include "relay/codec/telephone_event.h"
#include "relay/rtcp/compound_writer.h"
#include "relay/rtcp/packet_views.h"
#include "tests/scenario/relay/call_parties.h"

using namespace tests;
using namespace std::chrono_literals;
namespace codec = relay::codec;
namespace rtcp = relay::rtcp;

namespace {

constexpr double kPitch = 150;  // three whole periods in 20 ms
constexpr int kHarmonics = 19;
constexpr double kLevel = 4000;
constexpr std::size_t kFrame = 160;

/// A vowel-like sound. A pure sine would not do: after a loss libopus takes ten frames to find it again.
double voice(std::size_t sample) {
  double sum = 0;
  for (int k = 1; k <= kHarmonics; ++k) {
    sum += std::sin(2 * std::numbers::pi * kPitch * k * static_cast<double>(sample) / codec::kPcmRate) / k;
  }
  return kLevel * sum;
}

constexpr const char* kTowardsTrunk =
    "trust-address replace-origin replace-session-connection rtcp-mux-demux DTLS=off SDES-off ICE=remove RTP/AVP "
    "codec-mask-all transcode-PCMU";

codec::Format pcmu() { return {.payload_type = 0, .kind = codec::Kind::Pcmu}; }
codec::Format opus() {
  return {.payload_type = 111,
          .kind = codec::Kind::Opus,
          .clock_rate = 48000,
          .channels = 2,
          .opus = {.use_inband_fec = true}};
}

/// An endless voice, encoded as one party speaks.
class VoiceTalker {
 public:
  VoiceTalker(Party& party, const codec::Format& format)
      : party_(party), format_(format), encoder_(std::move(*codec::make_encoder(format))) {
    encoder_->set_expected_loss(10);
  }

  void frame(common::Instant now, double gain = 1) {
    std::array<std::int16_t, kFrame> pcm;
    for (std::size_t i = 0; i < kFrame; ++i) {
      pcm[i] = static_cast<std::int16_t>(std::lround(gain * voice(samples_ + i)));
    }
    std::array<std::uint8_t, 1500> payload;
    const std::size_t size = *encoder_->encode(pcm, payload);
    if (party_.send(format_.payload_type, timestamp(), {payload.data(), size}, now)) samples_ += kFrame;
  }
  std::uint32_t timestamp() const {
    return 5000 + static_cast<std::uint32_t>(samples_) * (format_.clock_rate / codec::kPcmRate);
  }

 private:
  Party& party_;
  codec::Format format_;
  std::unique_ptr<codec::Encoder> encoder_;
  std::size_t samples_ = 0;
};

double level_of(codec::Pcm pcm) {
  double power = 0;
  double spoken = 0;
  for (std::size_t i = 0; i < pcm.size(); ++i) {
    power += static_cast<double>(pcm[i]) * pcm[i];
    spoken += voice(i) * voice(i);
  }
  return std::sqrt(power / spoken);
}

struct Listened {
  double seconds = 0;       // of stream time
  double lowest_share = 1;  // of the voice's level, in the worst 20 ms that were heard
  double lowest_level = 1;  // the same by energy alone: right behind a loss libopus gets the shape wrong
  std::size_t frames = 0;
  std::uint32_t longest_gap = 0;  // ticks between frames that follow each other
  bool one_source = true;
  bool sequence_follows_time = true;
};

/// How much of the voice's first harmonics is in 20 ms, as a share of what was spoken.
double share_of_voice(codec::Pcm pcm) {
  double power = 0;
  double spoken = 0;
  for (int k = 1; k <= 6; ++k) {
    std::complex<double> sum = 0;
    for (std::size_t i = 0; i < pcm.size(); ++i) {
      sum += static_cast<double>(pcm[i]) *
             std::polar(1.0, -2 * std::numbers::pi * kPitch * k * static_cast<double>(i) / codec::kPcmRate);
    }
    power += std::norm(2.0 * sum / static_cast<double>(pcm.size()));
    spoken += kLevel * kLevel / (k * k);
  }
  return std::sqrt(power / spoken);
}

Listened listen(const Party& party, const codec::Format& format) {
  std::vector<HeardRtp> packets = party.heard;
  std::erase_if(packets, [&](const HeardRtp& packet) { return packet.payload_type != format.payload_type; });
  REQUIRE(packets.size() > 10);
  const auto first = packets.front();
  const auto place = [&](const HeardRtp& p) { return static_cast<std::int16_t>(p.sequence - first.sequence); };
  std::ranges::sort(packets, {}, place);
  auto decoder = std::move(*codec::make_decoder(format));
  Listened result;
  for (std::size_t i = 0; i < packets.size(); ++i) {
    const HeardRtp& packet = packets[i];
    result.one_source = result.one_source && packet.ssrc == first.ssrc;
    if (i > 0) {
      const std::uint32_t step = packet.timestamp - packets[i - 1].timestamp;
      const auto lost = static_cast<std::uint32_t>(place(packet) - place(packets[i - 1]));
      result.longest_gap = std::max(result.longest_gap, step);
      result.sequence_follows_time = result.sequence_follows_time && step == lost * (format.clock_rate / 50);
    }
    std::array<std::int16_t, codec::kMaxPacketSamples> pcm;
    const std::size_t samples = *decoder->decode(packet.payload, pcm);
    REQUIRE(samples == kFrame);
    const double share = share_of_voice({pcm.data(), samples});
    if (i < 5) continue;  // a codec's first frames
    ++result.frames;
    result.lowest_share = std::min(result.lowest_share, share);
    result.lowest_level = std::min(result.lowest_level, level_of({pcm.data(), samples}));
  }
  result.seconds = static_cast<double>(packets.back().timestamp - first.timestamp) / format.clock_rate;
  return result;
}

struct TranscodedCall {
  explicit TranscodedCall(Impairment impairment, std::uint64_t seed = 3, Party::Traits of_caller = opus_browser(),
                          Party::Traits of_trunk = plain_trunk())
      : scene(impairment, seed), caller(scene.add(std::move(of_caller))), trunk(scene.add(std::move(of_trunk))) {
    set_up(scene, caller, trunk, kTowardsTrunk, kTowardsBrowser);
    scene.run(5s);
    REQUIRE(caller.ready());
  }
  RelayScene scene;
  Party& caller;
  Party& trunk;
};

/// Packets of one telephone-event as a sender makes them: every 50 ms an update, three ends, segments where needed.
void send_event(RelayScene& scene, Party& party, std::uint8_t payload_type, std::uint32_t clock_rate,
                std::uint32_t timestamp, std::uint8_t digit, std::chrono::milliseconds length) {
  std::uint64_t segment = 0;
  const std::uint64_t tick = clock_rate / 1000;
  const auto send = [&](std::uint64_t total, bool end, bool marker) {
    while (total - segment > 0xffff) {
      const auto full = codec::write_event({digit, false, 10, 0xffff});
      party.send(payload_type, timestamp + static_cast<std::uint32_t>(segment), full, scene.clock.now());
      segment += 0xffff;
    }
    const auto event = codec::write_event({digit, end, 10, static_cast<std::uint16_t>(total - segment)});
    party.send(payload_type, timestamp + static_cast<std::uint32_t>(segment), event, scene.clock.now(), marker);
    scene.run(end ? 1ms : 50ms);
  };
  const auto whole = static_cast<std::uint64_t>(length.count());
  for (std::uint64_t ms = 50; ms < whole; ms += 50) send(ms * tick, false, ms == 50);
  for (int i = 0; i < 3; ++i) send(whole * tick, true, false);
  scene.run(100ms);
}

struct HeardEvent {
  std::uint8_t digit;
  std::uint64_t ticks;  // all segments
  unsigned ends;
  unsigned markers;
  unsigned segments;
};

std::vector<HeardEvent> events_of(const Party& party, std::uint8_t payload_type) {
  std::vector<HeardEvent> events;
  std::uint32_t begin = 0;
  std::uint32_t segment = 0;
  for (const HeardRtp& packet : party.heard) {
    if (packet.payload_type != payload_type) continue;
    const auto event = codec::parse_event(packet.payload);
    REQUIRE(event);
    if (events.empty() || packet.marker) {
      events.push_back({event->event, 0, 0, 0, 1});
      begin = segment = packet.timestamp;
    } else if (packet.timestamp != segment) {
      ++events.back().segments;
      segment = packet.timestamp;
    }
    HeardEvent& last = events.back();
    CHECK(event->event == last.digit);
    last.ticks = packet.timestamp - begin + event->duration;
    last.ends += event->end;
    last.markers += packet.marker;
  }
  return events;
}

}  // namespace

TEST_CASE("Opus reaches the trunk as continuous PCMU and PCMU the browser as continuous Opus", "[scenario][relay]") {
  const bool lossy = GENERATE(false, true);
  const Impairment impairment =
      lossy ? Impairment{.loss_percent = 5, .duplicate_percent = 2, .delay = 10ms, .jitter = 15ms}
            : Impairment{.delay = 10ms};
  CAPTURE(lossy);
  TranscodedCall call(impairment);
  VoiceTalker from_browser(call.caller, opus());
  VoiceTalker from_trunk(call.trunk, pcmu());
  call.scene.every_frame([&] {
    from_browser.frame(call.scene.clock.now());
    from_trunk.frame(call.scene.clock.now());
  });
  call.scene.run(20s);
  for (const auto& [party, format] : {std::pair{&call.trunk, pcmu()}, {&call.caller, opus()}}) {
    const Listened heard = listen(*party, format);
    CAPTURE(party->traits.tag, heard.lowest_share, heard.lowest_level, heard.frames, heard.longest_gap, heard.seconds);
    CHECK(heard.one_source);
    CHECK(heard.sequence_follows_time);
    CHECK(heard.seconds > 19.8);
    CHECK(heard.seconds < 20.05);
    if (lossy) {
      CHECK(heard.frames > 900);
      CHECK(heard.lowest_level > 0.4);
      CHECK(heard.longest_gap <= 5 * format.clock_rate / 50);
    } else {
      CHECK(heard.frames >= 990);
      CHECK(heard.lowest_share > 0.8);
      CHECK(heard.longest_gap == format.clock_rate / 50);
    }
    for (const HeardRtp& packet : party->heard) CHECK(packet.payload_type == format.payload_type);
  }
}

TEST_CASE("a relay that transcodes speaks its own RTCP and says BYE", "[scenario][relay]") {
  TranscodedCall call({.delay = 10ms});
  VoiceTalker from_browser(call.caller, opus());
  VoiceTalker from_trunk(call.trunk, pcmu());
  call.scene.every_frame([&] {
    from_browser.frame(call.scene.clock.now());
    from_trunk.frame(call.scene.clock.now());
  });
  call.scene.run(20s);
  for (const auto& [party, peer] : {std::pair{&call.trunk, &call.caller}, {&call.caller, &call.trunk}}) {
    CAPTURE(party->traits.tag);
    const std::uint32_t source = party->heard.back().ssrc;
    CHECK(source != peer->ssrc);
    REQUIRE(party->heard_rtcp.size() >= 3);
    CHECK(party->heard_rtcp.size() <= 9);
    auto compound = rtcp::CompoundView::parse(party->heard_rtcp.back());
    const auto report = rtcp::ReportView::from(*compound->next());
    REQUIRE(report);
    CHECK(report->is_sender_report());
    CHECK(report->sender().value == source);
    CHECK(report->sender_info().packet_count > 100);
    REQUIRE(report->block_count() == 1);
    CHECK(report->block(0).ssrc.value == party->ssrc);
    CHECK(report->block(0).fraction_lost == 0);
    CHECK(rtcp::SdesView::from(*compound->next()).has_value());
  }
  const std::uint32_t at_trunk = call.trunk.heard.back().ssrc;
  const std::uint32_t at_browser = call.caller.heard.back().ssrc;
  call.scene.end();
  CHECK(call.trunk.goodbyes == std::vector{at_trunk});
  CHECK(call.caller.goodbyes == std::vector{at_browser});
}

TEST_CASE("what a browser reports as lost, and nothing else, brings it in-band FEC", "[scenario][relay]") {
  const bool allowed = GENERATE(true, false);
  Party::Traits traits = opus_browser();
  if (!allowed) traits.codecs = "a=rtpmap:111 opus/48000/2\r\na=rtpmap:110 telephone-event/48000\r\n";
  TranscodedCall call({.delay = 10ms}, 3, std::move(traits));
  VoiceTalker from_trunk(call.trunk, pcmu());
  // Syllables: libopus takes an endless vowel for noise after a while, and noise is not worth a copy.
  int frames = 0;
  call.scene.every_frame([&] { from_trunk.frame(call.scene.clock.now(), ++frames / 8 % 2 == 0 ? 1 : 0.01); });
  const auto decoder = std::move(*codec::make_decoder(opus()));
  /// Of the packets heard in the last second of five, while reports about `source` say that `fraction` of 256 is lost.
  const auto packets_with_copies = [&](std::uint32_t source, std::uint8_t fraction) {
    for (int second = 0; second < 5; ++second) {
      relay::packet::PacketBuffer packet;
      const rtcp::ReportBlock block{.ssrc = {source}, .fraction_lost = fraction};
      rtcp::CompoundWriter(packet).receiver_report({call.caller.ssrc}, {&block, 1});
      call.caller.send_rtcp(packet.span(), call.scene.clock.now());
      call.caller.heard.clear();
      call.scene.run(1s);
    }
    REQUIRE(call.caller.heard.size() >= 49);
    return std::ranges::count_if(call.caller.heard,
                                 [&](const HeardRtp& p) { return decoder->recoverable(p.payload) > 0; });
  };
  call.scene.run(1s);
  const std::uint32_t ours = call.caller.heard.back().ssrc;
  CHECK(packets_with_copies(ours, 0) == 0);
  CHECK(packets_with_copies(ours + 1, 64) == 0);
  const auto copies = packets_with_copies(ours, 64);
  if (allowed) {
    CHECK(copies >= 20);
  } else {
    CHECK(copies == 0);
  }
}

TEST_CASE("a relay that passes media through passes RTCP too and adds none", "[scenario][relay]") {
  RelayScene scene;
  Party& caller = scene.add(browser());
  Party& trunk = scene.add(plain_trunk());
  set_up(scene, caller, trunk, kTowardsPlain, kTowardsBrowser);
  scene.run(2s);
  Counter talk(caller);
  scene.every_frame([&] { talk.frame(scene.clock.now()); });
  scene.run(15s);
  CHECK(trunk.heard_rtcp.empty());
  const common::Bytes report = {0x80, 201, 0, 1, 1, 2, 3, 4};
  caller.send_rtcp(report, scene.clock.now());
  trunk.send_rtcp(report, scene.clock.now());
  scene.run(1s);
  CHECK(trunk.heard_rtcp == std::vector<common::Bytes>{report});
  CHECK(caller.heard_rtcp == std::vector<common::Bytes>{report});
  CHECK(trunk.heard.front().ssrc == caller.ssrc);
}

TEST_CASE("who is passed through hears BYE for what it heard when the call ends", "[scenario][relay]") {
  RelayScene scene;
  const bool encrypted = GENERATE(true, false);
  Party& caller = scene.add(browser());
  Party& trunk = scene.add(encrypted ? sdes_trunk() : plain_trunk());
  set_up(scene, caller, trunk, encrypted ? kTowardsSdes : kTowardsPlain, kTowardsBrowser);
  scene.run(2s);
  Counter from_caller(caller);
  Counter from_trunk(trunk);
  const bool both = GENERATE(true, false);
  scene.every_frame([&] {
    from_caller.frame(scene.clock.now());
    if (both) from_trunk.frame(scene.clock.now());
  });
  scene.run(1s);
  const std::uint32_t first = caller.ssrc;
  caller.ssrc = 4711;  // as after a re-INVITE to another device behind it
  scene.run(1s);
  CHECK(trunk.heard_rtcp.empty());
  scene.end();
  CHECK(trunk.goodbyes == std::vector{first, caller.ssrc});
  CHECK(caller.goodbyes == (both ? std::vector{trunk.ssrc} : std::vector<std::uint32_t>{}));
  REQUIRE(trunk.heard_rtcp.size() == 1);
  auto compound = rtcp::CompoundView::parse(trunk.heard_rtcp[0]);
  REQUIRE(compound);
  const auto report = rtcp::ReportView::from(*compound->next());
  REQUIRE(report);  // a compound begins with a report, RFC 3550 §6.1
  CHECK(report->block_count() == 0);
}

TEST_CASE("digits of a browser reach the trunk on its clock and come back on the browser's", "[scenario][relay]") {
  TranscodedCall call({.delay = 10ms});
  VoiceTalker from_browser(call.caller, opus());
  VoiceTalker from_trunk(call.trunk, pcmu());
  for (int i = 0; i < 10; ++i) {
    from_browser.frame(call.scene.clock.now());
    from_trunk.frame(call.scene.clock.now());
    call.scene.run(20ms);
  }
  SECTION("48000 to 8000: a long event's segments are joined") {
    send_event(call.scene, call.caller, 110, 48000, from_browser.timestamp(), 7, 3000ms);
    send_event(call.scene, call.caller, 110, 48000, from_browser.timestamp() + 4 * 48000, 11, 100ms);
    const auto events = events_of(call.trunk, 101);
    REQUIRE(events.size() == 2);
    CHECK(events[0].digit == 7);
    CHECK(events[0].ticks == 3000 * 8);
    CHECK(events[0].segments == 1);
    CHECK(events[0].ends == 3);
    CHECK(events[1].digit == 11);
    CHECK(events[1].ticks == 100 * 8);
    CHECK(events[1].ends == 3);
  }
  SECTION("8000 to 48000: a long event is split") {
    send_event(call.scene, call.trunk, 101, 8000, from_trunk.timestamp(), 5, 3000ms);
    const auto events = events_of(call.caller, 110);
    REQUIRE(events.size() == 1);
    CHECK(events[0].digit == 5);
    CHECK(events[0].ticks == 3000 * 48);
    CHECK(events[0].segments == 3);
    CHECK(events[0].ends == 3);
    CHECK(events[0].markers == 1);
  }
}

TEST_CASE("every digit survives a bad network once and in order", "[scenario][relay]") {
  TranscodedCall call({.loss_percent = 8, .delay = 10ms, .jitter = 15ms}, 5);
  VoiceTalker talk(call.caller, opus());
  std::uint32_t timestamp = 0;
  for (int i = 0; i < 10; ++i) {
    talk.frame(call.scene.clock.now());
    call.scene.run(20ms);
  }
  timestamp = talk.timestamp();
  std::string sent;
  for (std::uint8_t digit = 0; digit < 12; ++digit) {
    send_event(call.scene, call.caller, 110, 48000, timestamp, digit, 200ms);
    timestamp += 48000;
    sent += *codec::digit_of(digit);
  }
  std::string heard;
  std::uint32_t last = 0;
  for (const HeardRtp& packet : call.trunk.heard) {
    if (packet.payload_type != 101) continue;
    const char digit = *codec::digit_of(codec::parse_event(packet.payload)->event);
    if (heard.empty() || packet.timestamp > last) {
      heard += digit;
      last = packet.timestamp;
    }
  }
  CHECK(heard == sent);
}

TEST_CASE("each side of a transcoded call hears packets as long as it wants and no longer than it takes",
          "[scenario][relay]") {
  struct Case {
    const char* lines;
    std::chrono::milliseconds heard;
  };
  const auto of_browser = GENERATE(values<Case>({{"", 20ms},
                                                 {"a=maxptime:40\r\n", 20ms},
                                                 {"a=ptime:40\r\na=maxptime:20\r\n", 20ms},
                                                 {"a=ptime:60\r\na=maxptime:40\r\n", 40ms},
                                                 {"a=maxptime:10\r\n", 10ms}}));
  const auto of_trunk = GENERATE(values<Case>({{"a=ptime:30\r\n", 30ms}, {"a=ptime:60\r\na=maxptime:30\r\n", 30ms}}));
  CAPTURE(of_browser.lines, of_trunk.lines);
  Party::Traits browser = opus_browser();
  browser.codecs += of_browser.lines;
  Party::Traits trunk = plain_trunk();
  trunk.codecs += of_trunk.lines;
  TranscodedCall call({.delay = 10ms}, 3, std::move(browser), std::move(trunk));
  VoiceTalker from_browser(call.caller, opus());
  VoiceTalker from_trunk(call.trunk, pcmu());
  call.scene.every_frame([&] {
    from_browser.frame(call.scene.clock.now());
    from_trunk.frame(call.scene.clock.now());
  });
  call.scene.run(3s);
  const auto check = [](const Party& party, const codec::Format& format, std::chrono::milliseconds expected) {
    CAPTURE(party.traits.tag);
    const auto decoder = std::move(*codec::make_decoder(format));
    REQUIRE(party.heard.size() >= static_cast<std::size_t>(2900ms / expected));
    for (std::size_t i = 0; i < party.heard.size(); ++i) {
      const std::size_t samples = decoder->duration(party.heard[i].payload);
      CHECK(samples == static_cast<std::size_t>(expected.count()) * codec::kPcmRate / 1000);
      if (i == 0) continue;
      CHECK(party.heard[i].timestamp - party.heard[i - 1].timestamp == samples * format.clock_rate / codec::kPcmRate);
    }
  };
  check(call.caller, opus(), of_browser.heard);
  check(call.trunk, pcmu(), of_trunk.heard);
}
