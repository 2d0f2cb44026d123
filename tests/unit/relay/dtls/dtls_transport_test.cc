#include "relay/dtls/dtls_transport.h"

#include <catch2/catch.hpp>

#include <algorithm>

#include "common/base/overload.h"
#include "common/time/manual_clock.h"
#include "tests/support/lossy_link.h"

namespace relay::dtls {
namespace {

using namespace std::chrono_literals;
using common::Bytes;

std::shared_ptr<const Certificate> make_certificate() {
  common::crypto::SystemRandom random;
  return Certificate::make(random, common::WallTime{std::chrono::hours{490'000}});
}
const auto kActiveCertificate = make_certificate();
const auto kPassiveCertificate = make_certificate();

struct Side {
  DtlsTransport transport;
  std::optional<SrtpKeys> keys{};
  bool closed = false;
  std::optional<Failed::Why> failed{};
  std::size_t sent = 0;
  std::size_t longest = 0;
};

/// Two transports and the network between them, on one clock.
class Scene {
 public:
  explicit Scene(tests::Impairment impairment = {}, std::uint64_t seed = 1, TransportOptions active_options = {},
                 TransportOptions passive_options = {},
                 std::optional<Fingerprint> expected_by_active = kPassiveCertificate->fingerprint(),
                 std::optional<Fingerprint> expected_by_passive = kActiveCertificate->fingerprint())
      : active{DtlsTransport(kActiveCertificate, Role::Active, std::move(expected_by_active), active_options)},
        passive{DtlsTransport(kPassiveCertificate, Role::Passive, std::move(expected_by_passive), passive_options)},
        link_(seed, impairment) {}

  void drain(Side& side) {
    while (auto output = side.transport.poll_output()) {
      std::visit(common::Overload{[&](Send& o) {
                                    ++side.sent;
                                    side.longest = std::max(side.longest, o.datagram.size());
                                    link_.send(&side == &active, std::move(o.datagram), clock.now());
                                  },
                                  [&](SrtpKeys& o) { side.keys = o; }, [&](Closed&) { side.closed = true; },
                                  [&](Failed& o) { side.failed = o.why; }},
                 *output);
    }
  }

  /// Lets datagrams travel and timers fire, for at most `limit` of this scene's time.
  void run(common::Duration limit = 60s) {
    const common::Instant end = clock.now() + limit;
    for (int step = 0; step < 10'000; ++step) {
      drain(active);
      drain(passive);
      auto next = link_.next_arrival();
      for (const Side* side : {&active, &passive}) {
        const auto timeout = side->transport.next_timeout();
        if (timeout && (!next || *timeout < *next)) next = timeout;
      }
      if (!next || *next > end) break;
      clock.advance_to(*next);
      while (auto delivery = link_.receive(clock.now())) {
        Side& to = delivery->label ? passive : active;
        to.transport.on_datagram(delivery->bytes, clock.now());
        drain(to);
      }
      for (Side* side : {&active, &passive}) {
        const auto timeout = side->transport.next_timeout();
        if (timeout && *timeout <= clock.now()) side->transport.on_timeout(clock.now());
      }
    }
  }

  void start() { active.transport.start(clock.now()); }

  void check_same_keys() const {
    REQUIRE(active.keys);
    REQUIRE(passive.keys);
    CHECK(active.keys->suite == passive.keys->suite);
    CHECK(active.keys->local == passive.keys->remote);
    CHECK(active.keys->remote == passive.keys->local);
    CHECK(active.keys->local != active.keys->remote);
  }

  common::ManualClock clock;
  Side active;
  Side passive;

 private:
  tests::LossyLink<bool> link_;  // label: from the active side
};

std::vector<Bytes> take_datagrams(DtlsTransport& transport) {
  std::vector<Bytes> datagrams;
  while (auto output = transport.poll_output()) {
    if (auto* send = std::get_if<Send>(&*output)) datagrams.push_back(std::move(send->datagram));
  }
  return datagrams;
}

/// One record with one fragment of a handshake message, RFC 6347 §4.2.2. `whole` is a record with the whole message.
Bytes fragment_of(const Bytes& whole, std::size_t offset, std::size_t length, std::uint64_t record_sequence) {
  constexpr std::size_t kRecordHeader = 13;
  constexpr std::size_t kHandshakeHeader = 12;
  common::ByteWriter out;
  out.bytes(common::ByteSpan(whole).first(3)).u64(record_sequence);
  out.u16(static_cast<std::uint16_t>(kHandshakeHeader + length));
  out.bytes(common::ByteSpan(whole).subspan(kRecordHeader, 6));  // type, length, message sequence
  out.u24(static_cast<std::uint32_t>(offset)).u24(static_cast<std::uint32_t>(length));
  out.bytes(common::ByteSpan(whole).subspan(kRecordHeader + kHandshakeHeader + offset, length));
  return out.take();
}

TransportOptions only(srtp::Suite suite) {
  TransportOptions options;
  options.suites = {suite};
  return options;
}

}  // namespace

TEST_CASE("both sides of a handshake get the same keys, mirrored, for every suite", "[dtls][rfc5764]") {
  for (const auto& facts : srtp::kSuites) {
    INFO(facts.dtls_profile);
    Scene scene({}, 1, only(facts.suite), only(facts.suite));
    scene.start();
    scene.run();
    scene.check_same_keys();
    CHECK(scene.active.keys->suite == facts.suite);
    CHECK(scene.active.keys->local.key_and_salt.size() == std::size_t{facts.key_length} + facts.salt_length);
    CHECK(scene.active.transport.state() == DtlsTransport::State::Connected);
    CHECK(scene.passive.transport.state() == DtlsTransport::State::Connected);
    CHECK_FALSE(scene.passive.transport.next_timeout());
  }
}

TEST_CASE("the passive side's order of suites decides", "[dtls]") {
  TransportOptions active;
  active.suites = {srtp::Suite::AesCm128HmacSha1_32, srtp::Suite::AesCm128HmacSha1_80, srtp::Suite::AeadAes256Gcm};
  Scene scene({}, 1, active, {});
  scene.start();
  scene.run();
  scene.check_same_keys();
  CHECK(scene.passive.keys->suite == srtp::Suite::AesCm128HmacSha1_80);
}

TEST_CASE("without a common suite both sides fail", "[dtls]") {
  Scene scene({}, 1, only(srtp::Suite::AeadAes128Gcm), only(srtp::Suite::AesCm128HmacSha1_80));
  scene.start();
  scene.run();
  CHECK(scene.passive.failed == Failed::Why::NoSuite);
  CHECK(scene.active.failed == Failed::Why::NoSuite);
  CHECK_FALSE(scene.active.keys);
  CHECK_FALSE(scene.passive.keys);
}

TEST_CASE("a handshake survives loss, duplicates and reordering", "[dtls]") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    INFO("seed " << seed);
    Scene scene({.loss_percent = 20, .duplicate_percent = 10, .delay = 20ms, .jitter = 30ms}, seed);
    scene.start();
    scene.run();
    scene.check_same_keys();
  }
}

TEST_CASE("flights in many small fragments arrive reordered and still make a handshake", "[dtls]") {
  TransportOptions small;
  small.mtu = 300;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    INFO("seed " << seed);
    Scene scene({.loss_percent = 5, .delay = 10ms, .jitter = 40ms}, seed, small, small);
    scene.start();
    scene.run();
    scene.check_same_keys();
    CHECK(scene.passive.longest <= 300);
    CHECK(scene.active.longest <= 300);
  }
}

TEST_CASE("no datagram of a handshake is longer than the MTU", "[dtls]") {
  Scene scene;
  scene.start();
  scene.run();
  CHECK(scene.active.longest <= 1200);
  CHECK(scene.passive.longest <= 1200);
}

TEST_CASE("a ClientHello in two datagrams is understood, in order and swapped", "[dtls][rfc6347]") {
  for (const bool swapped : {false, true}) {
    INFO("swapped " << swapped);
    Scene scene;
    scene.start();
    const auto hello = take_datagrams(scene.active.transport);
    REQUIRE(hello.size() == 1);
    const std::size_t body = hello[0].size() - 25;
    const Bytes front = fragment_of(hello[0], 0, body / 2, 0);
    const Bytes back = fragment_of(hello[0], body / 2, body - body / 2, 40);
    scene.passive.transport.on_datagram(swapped ? back : front, scene.clock.now());
    CHECK(take_datagrams(scene.passive.transport).empty());
    scene.passive.transport.on_datagram(swapped ? front : back, scene.clock.now());
    CHECK(scene.passive.transport.state() == DtlsTransport::State::Handshaking);
    scene.run();
    scene.check_same_keys();
    CHECK(scene.clock.now() == common::ManualClock().now());  // no retransmission was needed
  }
}

TEST_CASE("a lost flight is sent again after 400 ms, then after twice that", "[dtls]") {
  Scene scene;
  const auto begin = scene.clock.now();
  scene.start();
  CHECK(take_datagrams(scene.active.transport).size() == 1);
  for (const auto at : {400ms, 1200ms, 2800ms, 6000ms, 12000ms, 18000ms}) {
    CHECK(scene.active.transport.next_timeout() == begin + at);
    scene.clock.advance_to(begin + at - 1ms);
    scene.active.transport.on_timeout(scene.clock.now());
    CHECK(take_datagrams(scene.active.transport).empty());
    scene.clock.advance(1ms);
    scene.active.transport.on_timeout(scene.clock.now());
    CHECK(take_datagrams(scene.active.transport).size() == 1);
  }
}

TEST_CASE("a peer that never answers is given up after the deadline", "[dtls]") {
  Scene scene({.loss_percent = 100});
  const auto begin = scene.clock.now();
  scene.start();
  scene.run();
  CHECK(scene.active.failed == Failed::Why::Timeout);
  CHECK(scene.clock.now() == begin + 30s);
  CHECK_FALSE(scene.active.transport.next_timeout());
  CHECK(scene.passive.transport.state() == DtlsTransport::State::Idle);
}

TEST_CASE("another certificate than the announced one gives no keys", "[dtls][rfc5763]") {
  Scene scene({}, 1, {}, {}, kPassiveCertificate->fingerprint(), kPassiveCertificate->fingerprint());
  scene.start();
  scene.run();
  CHECK(scene.passive.failed == Failed::Why::Fingerprint);
  CHECK_FALSE(scene.passive.keys);
  CHECK(scene.active.closed);  // told by close_notify
}

TEST_CASE("keys wait for a fingerprint that comes late", "[dtls][rfc5763]") {
  Scene scene({}, 1, {}, {}, kPassiveCertificate->fingerprint(), std::nullopt);
  scene.start();
  scene.run();
  CHECK(scene.active.keys);
  CHECK(scene.passive.transport.state() == DtlsTransport::State::Unverified);
  CHECK_FALSE(scene.passive.keys);
  CHECK_FALSE(scene.passive.transport.next_timeout());
  SECTION("the right one releases them") {
    scene.passive.transport.set_remote_fingerprint(kActiveCertificate->fingerprint(), scene.clock.now());
    scene.run();
    scene.check_same_keys();
  }
  SECTION("a wrong one fails") {
    scene.passive.transport.set_remote_fingerprint(kPassiveCertificate->fingerprint(), scene.clock.now());
    scene.run();
    CHECK(scene.passive.failed == Failed::Why::Fingerprint);
    CHECK_FALSE(scene.passive.keys);
  }
  SECTION("an unknown hash fails") {
    scene.passive.transport.set_remote_fingerprint({"md2", Bytes(16)}, scene.clock.now());
    scene.run();
    CHECK(scene.passive.failed == Failed::Why::Fingerprint);
  }
}

TEST_CASE("a lost last flight is repeated when the peer repeats its own", "[dtls]") {
  Scene scene;
  scene.start();
  auto& active = scene.active.transport;
  auto& passive = scene.passive.transport;
  const auto exchange = [&](DtlsTransport& from, DtlsTransport& to) {
    for (const Bytes& datagram : take_datagrams(from)) to.on_datagram(datagram, scene.clock.now());
  };
  exchange(active, passive);
  exchange(passive, active);
  exchange(active, passive);
  REQUIRE(passive.state() == DtlsTransport::State::Connected);
  while (auto output = passive.poll_output()) {
    if (auto* keys = std::get_if<SrtpKeys>(&*output)) scene.passive.keys = *keys;  // its Send is lost
  }
  REQUIRE(active.state() == DtlsTransport::State::Handshaking);
  scene.run();
  scene.check_same_keys();
}

TEST_CASE("closing tells the peer", "[dtls]") {
  Scene scene;
  scene.start();
  scene.run();
  scene.active.transport.close(scene.clock.now());
  scene.run();
  CHECK(scene.passive.closed);
  CHECK(scene.passive.transport.state() == DtlsTransport::State::Closed);
  scene.passive.transport.on_datagram(Bytes{22, 254, 253, 0}, scene.clock.now());
  CHECK_FALSE(scene.passive.transport.poll_output());
}

TEST_CASE("garbage and truncated records do not disturb a handshake", "[dtls]") {
  common::crypto::SeededRandom random(9);
  Scene scene;
  scene.start();
  const auto hello = take_datagrams(scene.active.transport);
  for (std::size_t size = 0; size < hello[0].size(); ++size) {
    scene.passive.transport.on_datagram(common::ByteSpan(hello[0]).first(size), scene.clock.now());
  }
  for (int i = 0; i < 200; ++i) {
    Bytes noise = random.bytes(random.u32() % 200 + 1);
    noise[0] = static_cast<std::uint8_t>(20 + random.u32() % 44);
    scene.passive.transport.on_datagram(noise, scene.clock.now());
  }
  CHECK(take_datagrams(scene.passive.transport).empty());
  CHECK(scene.passive.transport.state() == DtlsTransport::State::Idle);
  scene.passive.transport.on_datagram(hello[0], scene.clock.now());
  scene.run();
  scene.check_same_keys();
}

TEST_CASE("noise, stale flights and a new ClientHello leave a finished association alone", "[dtls]") {
  common::crypto::SeededRandom random(10);
  Scene scene;
  scene.start();
  scene.run();
  Scene other;
  other.start();
  const auto new_hello = take_datagrams(other.active.transport);
  for (int i = 0; i < 200; ++i) {
    Bytes noise = random.bytes(random.u32() % 200 + 14);
    noise[0] = static_cast<std::uint8_t>(20 + random.u32() % 44);
    if (i % 2 == 0) {  // looks like a record of the current epoch
      const Bytes header = {22, 254, 253, 0, 1};
      std::ranges::copy(header, noise.begin());
      common::store_be16(&noise[11], static_cast<std::uint16_t>(noise.size() - 13));
    }
    scene.passive.transport.on_datagram(noise, scene.clock.now());
  }
  scene.passive.transport.on_datagram(new_hello[0], scene.clock.now());
  CHECK(scene.passive.transport.state() == DtlsTransport::State::Connected);
  scene.active.transport.close(scene.clock.now());
  scene.run();
  CHECK(scene.passive.closed);
}

TEST_CASE("a flood of records that overtake the handshake does not stop it", "[dtls]") {
  Scene scene;
  scene.start();
  const auto hello = take_datagrams(scene.active.transport);
  scene.passive.transport.on_datagram(hello[0], scene.clock.now());
  for (std::uint64_t i = 0; i < 5000; ++i) {
    common::ByteWriter record;
    record.u8(22).u16(0xFEFD).u16(1).u16(0).u32(static_cast<std::uint32_t>(i)).u16(40).bytes(Bytes(40, 7));
    scene.passive.transport.on_datagram(record.view(), scene.clock.now());
  }
  CHECK(scene.passive.transport.state() == DtlsTransport::State::Handshaking);
  scene.run();
  scene.check_same_keys();
}

TEST_CASE("starting twice, starting passively and datagrams before the start do nothing", "[dtls]") {
  Scene scene;
  scene.passive.transport.start(scene.clock.now());
  CHECK_FALSE(scene.passive.transport.poll_output());
  scene.active.transport.on_datagram(Bytes{22, 254, 253, 0}, scene.clock.now());
  CHECK_FALSE(scene.active.transport.poll_output());
  scene.start();
  scene.start();
  CHECK(take_datagrams(scene.active.transport).size() == 1);
}

}  // namespace relay::dtls
