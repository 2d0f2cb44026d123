#include "relay/session/source_latch.h"

#include <catch2/catch.hpp>

#include "common/time/manual_clock.h"

using namespace relay::session;
using namespace std::chrono_literals;
using common::SocketAddress;
using Evidence = SourceLatch::Evidence;

namespace {

const SocketAddress kPhone = *SocketAddress::parse("198.51.100.7:4000");
const SocketAddress kPrivate = *SocketAddress::parse("10.0.0.5:4000");
const SocketAddress kOther = *SocketAddress::parse("203.0.113.99:7000");
const SocketAddress kIntruder = *SocketAddress::parse("203.0.113.66:6666");

}  // namespace

TEST_CASE("the signalled source is pinned at once and a third host is refused", "[latch]") {
  common::ManualClock clock;
  SourceLatch latch;
  latch.configure({}, kPhone);
  CHECK(latch.accept(kPhone, Evidence::None, clock.now()));
  CHECK(latch.pinned());
  for (int i = 0; i < 100; ++i) CHECK_FALSE(latch.accept(kIntruder, Evidence::None, clock.now()));
  CHECK(latch.destination() == kPhone);
}

TEST_CASE("a phone behind NAT is learnt from its address in signalling", "[latch]") {
  common::ManualClock clock;
  SourceLatch latch;
  LatchPolicy policy;
  policy.signalling_source = kPhone.ip;
  latch.configure(policy, kPrivate);
  CHECK_FALSE(latch.accept(kIntruder, Evidence::None, clock.now()));
  CHECK(latch.accept(kPhone, Evidence::None, clock.now()));
  CHECK(latch.destination() == kPhone);
}

TEST_CASE("a port follows the host that the medium's other port knows, and takes no first-comer", "[latch]") {
  common::ManualClock clock;
  SourceLatch latch;
  latch.configure({}, kPrivate);
  latch.follow(kPhone.ip);
  for (int i = 0; i < 100; ++i) CHECK_FALSE(latch.accept(kIntruder, Evidence::None, clock.now()));
  const SocketAddress rtcp = *SocketAddress::parse("198.51.100.7:62001");
  CHECK(latch.accept(rtcp, Evidence::None, clock.now()));
  CHECK(latch.destination() == rtcp);
  CHECK_FALSE(latch.accept(kIntruder, Evidence::None, clock.now()));
}

TEST_CASE("without other evidence the first consistent source within three seconds is learnt", "[latch]") {
  common::ManualClock clock;
  SourceLatch latch;
  latch.configure({}, kPrivate);
  CHECK_FALSE(latch.accept(kPhone, Evidence::None, clock.now()));
  CHECK_FALSE(latch.accept(kPhone, Evidence::None, clock.now()));
  SECTION("a second source in between starts over") {
    CHECK_FALSE(latch.accept(kIntruder, Evidence::None, clock.now()));
    CHECK_FALSE(latch.accept(kPhone, Evidence::None, clock.now()));
    CHECK_FALSE(latch.accept(kPhone, Evidence::None, clock.now()));
    CHECK(latch.accept(kPhone, Evidence::None, clock.now()));
  }
  SECTION("packets farther apart than the window are not consistent") {
    for (int i = 0; i < 10; ++i) {
      clock.advance(3001ms);
      CHECK_FALSE(latch.accept(kPhone, Evidence::None, clock.now()));
    }
  }
  SECTION("a window without result opens anew") {
    clock.advance(3001ms);
    CHECK_FALSE(latch.accept(kPhone, Evidence::None, clock.now()));
    CHECK_FALSE(latch.accept(kPhone, Evidence::None, clock.now()));
    CHECK(latch.accept(kPhone, Evidence::None, clock.now()));
  }
}

TEST_CASE("who was only first gives way to an address that signalling named, and to nobody else", "[latch]") {
  common::ManualClock clock;
  SourceLatch latch;
  LatchPolicy policy;
  policy.signalling_source = kPhone.ip;
  latch.configure(policy, kPrivate);
  for (int i = 0; i < 3; ++i) latch.accept(kIntruder, Evidence::None, clock.now());
  REQUIRE(latch.destination() == kIntruder);
  CHECK_FALSE(latch.accept(kOther, Evidence::None, clock.now()));
  CHECK(latch.accept(kPhone, Evidence::None, clock.now()));
  CHECK(latch.destination() == kPhone);
  CHECK(latch.changes() == 1);
  for (int i = 0; i < 10; ++i) CHECK_FALSE(latch.accept(kIntruder, Evidence::None, clock.now()));
}

TEST_CASE("the same stream may come from another port of the same host, not from another host", "[latch]") {
  common::ManualClock clock;
  SourceLatch latch;
  latch.configure({}, kPhone);
  CHECK(latch.accept(kPhone, Evidence::None, clock.now()));
  const auto rebound = *SocketAddress::parse("198.51.100.7:4100");
  CHECK_FALSE(latch.accept(rebound, Evidence::None, clock.now()));
  CHECK_FALSE(latch.accept(kIntruder, Evidence::SameStream, clock.now()));
  CHECK(latch.accept(rebound, Evidence::SameStream, clock.now()));
  CHECK(latch.destination() == rebound);
  CHECK(latch.changes() == 1);
}

TEST_CASE("a repeated ClientHello from behind NAT is taken, a single one is not", "[latch]") {
  common::ManualClock clock;
  SourceLatch latch;
  latch.configure({}, kPrivate);
  CHECK_FALSE(latch.accept(kPhone, Evidence::Handshake, clock.now()));
  clock.advance(1s);
  CHECK(latch.accept(kPhone, Evidence::Handshake, clock.now()));
}

TEST_CASE("a strict source is the signalled address and port, nothing else", "[latch]") {
  common::ManualClock clock;
  SourceLatch latch;
  LatchPolicy policy;
  policy.strict = true;
  latch.configure(policy, kPhone);
  CHECK_FALSE(latch.accept(*SocketAddress::parse("198.51.100.7:4002"), Evidence::None, clock.now()));
  CHECK(latch.accept(kPhone, Evidence::None, clock.now()));
  CHECK_FALSE(latch.accept(*SocketAddress::parse("198.51.100.7:4002"), Evidence::SameStream, clock.now()));
}

TEST_CASE("a strict source holds against a packet that authenticates", "[latch]") {
  common::ManualClock clock;
  SourceLatch latch;
  LatchPolicy policy;
  policy.strict = true;
  latch.configure(policy, kPhone);
  for (int i = 0; i < 5; ++i) CHECK_FALSE(latch.accept(kOther, Evidence::Authenticated, clock.now()));
  CHECK(latch.accept(kPhone, Evidence::Authenticated, clock.now()));
  for (int i = 0; i < 5; ++i) CHECK_FALSE(latch.accept(kOther, Evidence::Authenticated, clock.now()));
  CHECK(latch.destination() == kPhone);
  CHECK(latch.changes() == 0);
}

TEST_CASE("a policy that becomes strict gives up a pin that is not the signalled address", "[latch]") {
  common::ManualClock clock;
  SourceLatch latch;
  latch.configure({}, kPhone);
  REQUIRE(latch.accept(kOther, Evidence::Authenticated, clock.now()));
  LatchPolicy policy;
  policy.strict = true;
  latch.configure(policy, kPhone);
  CHECK(latch.destination() == kPhone);
}

TEST_CASE("without learning everybody is heard and the signalled address alone is spoken to", "[latch]") {
  common::ManualClock clock;
  SourceLatch latch;
  LatchPolicy policy;
  policy.learns = false;
  latch.configure(policy, kPhone);
  for (const auto evidence : {Evidence::None, Evidence::SameStream, Evidence::Handshake, Evidence::Authenticated}) {
    for (int i = 0; i < 5; ++i) CHECK(latch.accept(kOther, evidence, clock.now()));
    CHECK(latch.destination() == kPhone);
  }
  CHECK_FALSE(latch.pinned());
  CHECK(latch.accept(kPhone, Evidence::None, clock.now()));
  CHECK(latch.is_pinned_to(kPhone));
  CHECK(latch.accept(kOther, Evidence::Authenticated, clock.now()));
  CHECK(latch.destination() == kPhone);
  CHECK(latch.changes() == 0);
}

TEST_CASE("a strict source that is not learnt is the signalled address alone", "[latch]") {
  common::ManualClock clock;
  SourceLatch latch;
  LatchPolicy policy;
  policy.strict = true;
  policy.learns = false;
  latch.configure(policy, kPhone);
  CHECK_FALSE(latch.accept(kOther, Evidence::Authenticated, clock.now()));
  CHECK(latch.accept(kPhone, Evidence::None, clock.now()));
}

TEST_CASE("learning that is turned off gives up what was learnt, turned on it begins anew", "[latch]") {
  common::ManualClock clock;
  SourceLatch latch;
  LatchPolicy policy;
  policy.signalling_source = kPhone.ip;
  latch.configure(policy, kPrivate);
  REQUIRE(latch.accept(kPhone, Evidence::None, clock.now()));
  policy.learns = false;
  latch.configure(policy, kPrivate);
  CHECK(latch.destination() == kPrivate);
  CHECK(latch.accept(kPhone, Evidence::None, clock.now()));
  CHECK(latch.destination() == kPrivate);
  policy.learns = true;
  latch.configure(policy, kPrivate);
  CHECK(latch.accept(kPhone, Evidence::None, clock.now()));
  CHECK(latch.destination() == kPhone);
}

TEST_CASE("an authenticated packet moves the pin and the move is counted", "[latch]") {
  common::ManualClock clock;
  SourceLatch latch;
  latch.configure({}, kPhone);
  CHECK(latch.accept(kPhone, Evidence::Authenticated, clock.now()));
  CHECK(latch.accept(kIntruder, Evidence::Authenticated, clock.now()));
  CHECK(latch.changes() == 1);
  CHECK(latch.destination() == kIntruder);
}

TEST_CASE("the same plan again keeps the pin, a new address starts learning over", "[latch]") {
  common::ManualClock clock;
  SourceLatch latch;
  latch.configure({}, kPhone);
  CHECK(latch.accept(kPhone, Evidence::None, clock.now()));
  latch.configure({}, kPhone);
  CHECK(latch.pinned());
  latch.configure({}, kPrivate);
  CHECK_FALSE(latch.pinned());
  CHECK(latch.destination() == kPrivate);
}
