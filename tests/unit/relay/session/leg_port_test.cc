#include "relay/session/leg_port.h"

#include <catch2/catch.hpp>

#include "common/time/manual_clock.h"

using namespace relay::session;
using namespace std::chrono_literals;
using common::SocketAddress;
using Trust = TransportSecurity::Trust;

namespace {

const SocketAddress kPhone = *SocketAddress::parse("198.51.100.7:4000");
const SocketAddress kRebound = *SocketAddress::parse("198.51.100.7:4100");

}  // namespace

TEST_CASE("a stream is asked whether it goes on elsewhere only where its source has fallen silent", "[leg]") {
  common::ManualClock clock;
  LegPort port;
  port.latch.configure({}, kPhone);
  int asked = 0;
  const auto goes_on = [&] { return ++asked > 0; };
  REQUIRE(port.believe(kPhone, Trust::Plain, clock.now(), [] { return false; }));
  CHECK(port.goes_on(kPhone, clock.now()));
  CHECK_FALSE(port.goes_on(kRebound, clock.now()));
  clock.advance(99ms);
  CHECK_FALSE(port.believe(kRebound, Trust::Plain, clock.now(), goes_on));
  CHECK(asked == 0);
  CHECK(port.goes_on(kPhone, clock.now()));
  clock.advance(100ms);
  CHECK(port.believe(kRebound, Trust::Plain, clock.now(), goes_on));
  CHECK(asked == 1);
  CHECK(port.latch.destination() == kRebound);
}

TEST_CASE("a port reports where it is, whom it talks to and what has passed", "[leg]") {
  common::ManualClock clock;
  LegPort port;
  port.latch.configure({}, kPhone);
  const LocalPort local{kRebound, *SocketAddress::parse("192.0.2.10:30000"), {}};
  CHECK_FALSE(port.report(local, clock.now()).since_last_packet);
  port.count_received(172, clock.now());
  port.count_refused();
  port.count_sent(182);
  port.count_sent(182);
  clock.advance(3s);
  const PortReport report = port.report(local, clock.now());
  CHECK(report.local == local.advertised);
  CHECK(report.remote == kPhone);
  CHECK_FALSE(report.pinned);
  CHECK(report.received.packets == 1);
  CHECK(report.received.bytes == 172);
  CHECK(report.received.errors == 1);
  CHECK(report.sent.packets == 2);
  CHECK(report.sent.bytes == 364);
  CHECK(report.since_last_packet == 3s);
}
