#include <catch2/catch.hpp>

#include "relay/codec/codec.h"
#include "tests/scenario/relay/call_parties.h"
#include "tests/support/allocations.h"

using namespace tests;
using namespace std::chrono_literals;
namespace codec = relay::codec;

namespace {

/// Sends the same 20 ms of Opus, which decode to some sound, again and again.
class OpusTalker {
 public:
  explicit OpusTalker(Party& party) : party_(party) {
    auto encoder = std::move(*codec::make_encoder({.kind = codec::Kind::Opus, .clock_rate = 48000, .channels = 2}));
    std::array<std::int16_t, 160> pcm;
    for (std::size_t i = 0; i < pcm.size(); ++i) pcm[i] = static_cast<std::int16_t>(i % 53 * 100);
    std::array<std::uint8_t, 1500> out;
    payload_.assign(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*encoder->encode(pcm, out)));
  }
  void frame(common::Instant now) { party_.send(111, 960 * next_++, payload_, now); }

 private:
  Party& party_;
  common::Bytes payload_;
  std::uint32_t next_ = 0;
};

/// Allocations of the relay while `packets` media packets passed it, after two seconds in which everything has been
/// seen once.
struct Measured {
  std::uint64_t allocations;
  std::uint64_t packets;
};
Measured measure(RelayScene& scene) {
  scene.run(2s);
  const Measured before{scene.media_allocations, scene.media_packets};
  scene.run(10s);
  return {scene.media_allocations - before.allocations, scene.media_packets - before.packets};
}

Party::Traits sdes_phone(relay::srtp::Suite suite) {
  Party::Traits phone = sdes_trunk(suite);
  phone.tag = "phone";
  phone.rtp = kBrowserAddress;
  return phone;
}

}  // namespace

TEST_CASE("the count sees operator new and what C libraries allocate", "[allocations]") {
  const std::uint64_t before = allocations();
  auto object = std::make_unique<int>(1);
  CHECK(allocations() - before >= 1);
  const std::uint64_t between = allocations();
  auto encoder = std::move(*codec::make_encoder({.kind = codec::Kind::Opus, .clock_rate = 48000, .channels = 2}));
  CHECK(allocations() - between >= 2);  // the wrapper by new, libopus' state by malloc
  const std::uint64_t after = allocations();
  {
    const Uncounted uncounted;
    object = std::make_unique<int>(2);
  }
  CHECK(allocations() == after);
}

TEST_CASE("no packet that is forwarded or re-keyed allocates", "[scenario][relay][allocations]") {
  using relay::srtp::Suite;
  RelayScene scene;
  const auto talk = [&](Party& caller, Party& trunk, const char* towards_trunk, const char* towards_caller) {
    set_up(scene, caller, trunk, towards_trunk, towards_caller);
    scene.run(5s);
    REQUIRE(caller.ready());
    Counter from_caller(caller);
    Counter from_trunk(trunk);
    scene.every_frame([&] {
      from_caller.frame(scene.clock.now());
      from_trunk.frame(scene.clock.now());
    });
    const Measured measured = measure(scene);
    CHECK(measured.packets >= 990);
    CHECK(measured.allocations == 0);
    CHECK(Counter::numbers(caller).size() > 500);
    CHECK(Counter::numbers(trunk).size() > 500);
  };
  SECTION("plain to plain") {
    Party::Traits phone = plain_trunk();
    phone.tag = "phone";
    phone.rtp = kBrowserAddress;
    talk(scene.add(std::move(phone)), scene.add(plain_trunk()), kTowardsPlain, kTowardsPlain);
  }
  SECTION("SDES to plain") {
    talk(scene.add(sdes_phone(Suite::AesCm128HmacSha1_80)), scene.add(plain_trunk()), kTowardsPlain, kTowardsSdes);
  }
  SECTION("SDES to SDES of another suite") {
    talk(scene.add(sdes_phone(Suite::AeadAes256Gcm)), scene.add(sdes_trunk(Suite::AesCm128HmacSha1_32)), kTowardsSdes,
         kTowardsSdes);
  }
  SECTION("DTLS to SDES") { talk(scene.add(browser()), scene.add(sdes_trunk()), kTowardsSdes, kTowardsBrowser); }
}

TEST_CASE("no packet that is transcoded allocates", "[scenario][relay][allocations]") {
  const bool lossy = GENERATE(false, true);
  CAPTURE(lossy);
  RelayScene scene(lossy ? Impairment{.loss_percent = 10, .duplicate_percent = 2, .delay = 10ms, .jitter = 25ms}
                         : Impairment{.delay = 10ms});
  Party& caller = scene.add(opus_browser());
  Party& trunk = scene.add(plain_trunk());
  set_up(scene, caller, trunk,
         "trust-address replace-origin replace-session-connection rtcp-mux-demux DTLS=off SDES-off ICE=remove RTP/AVP "
         "codec-mask-all transcode-PCMU",
         kTowardsBrowser);
  scene.run(5s);
  REQUIRE(caller.ready());
  OpusTalker from_caller(caller);
  Counter from_trunk(trunk);
  scene.every_frame([&] {
    from_caller.frame(scene.clock.now());
    from_trunk.frame(scene.clock.now());
  });
  const Measured measured = measure(scene);
  CHECK(measured.packets >= (lossy ? 850 : 990));
  CHECK(measured.allocations == 0);
  CHECK(caller.heard.size() > 400);
  CHECK(trunk.heard.size() > 400);
}
