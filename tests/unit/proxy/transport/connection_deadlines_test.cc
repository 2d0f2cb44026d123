#include "proxy/transport/connection_deadlines.h"

#include <catch2/catch.hpp>

#include "common/time/manual_clock.h"

using namespace proxy::transport;
using namespace std::chrono_literals;
using Due = ConnectionDeadlines::Due;
using Liveness = ConnectionDeadlines::Liveness;

namespace {

constexpr Limits kLimits{
    .handshake = 10s, .message = 30s, .connect = 4s, .write = 15s, .idle = 900s, .ping_interval = 20s, .pong = 10s};

/// A connection that had `set_up` to come up.
struct Scene {
  explicit Scene(common::Duration set_up = kLimits.handshake) : deadlines(kLimits, clock.now(), set_up) {}
  explicit Scene(Liveness liveness) : Scene() { deadlines.on_open(liveness, clock.now()); }

  common::Instant now() const { return clock.now(); }
  /// What is due when nothing happens until then, and after how long.
  std::pair<Due, common::Duration> wait() {
    const auto next = deadlines.next();
    if (!next) return {Due::Nothing, {}};
    const common::Instant before = now();
    clock.advance_to(*next - 1ns);
    CHECK(deadlines.due(now()) == Due::Nothing);
    clock.advance_to(*next);
    return {deadlines.due(now()), now() - before};
  }

  common::ManualClock clock;
  ConnectionDeadlines deadlines;
};

using Wait = std::pair<Due, common::Duration>;

}  // namespace

TEST_CASE("a connection has its time to be set up, and no more", "[transport][deadlines]") {
  CHECK(Scene{4s}.wait() == Wait{Due::SetUp, 4s});
  Scene scene{4s};
  scene.deadlines.on_open(Liveness::Bytes, scene.now());
  CHECK(scene.wait() == Wait{Due::Idle, 900s});
}

TEST_CASE("a request for a file gives as much time again, and the file as much as its reader needs",
          "[transport][deadlines]") {
  Scene scene;
  scene.clock.advance(9s);
  scene.deadlines.on_request(scene.now());
  scene.clock.advance(9s);
  CHECK(scene.wait() == Wait{Due::SetUp, 1s});

  Scene slow;
  slow.deadlines.on_request(slow.now());
  slow.deadlines.on_output(true, slow.now());
  for (int slice = 0; slice < 10; ++slice) {
    slow.clock.advance(14s);
    CHECK(slow.deadlines.due(slow.now()) == Due::Nothing);
    slow.deadlines.on_written(slow.now());
  }
  CHECK(slow.wait() == Wait{Due::StalledWrite, 15s});
}

TEST_CASE("a silent peer is idle, every byte puts that off", "[transport][deadlines]") {
  Scene scene{Liveness::Bytes};
  scene.clock.advance(899s);
  scene.deadlines.on_received(scene.now());
  CHECK(scene.wait() == Wait{Due::Idle, 900s});
}

TEST_CASE("pings come at their interval and any byte answers them", "[transport][deadlines]") {
  Scene scene{Liveness::Pongs};
  for (int beat = 0; beat < 3; ++beat) {
    CHECK(scene.wait() == Wait{Due::Ping, beat == 0 ? 20s : 15s});
    scene.deadlines.on_ping(scene.now());
    scene.clock.advance(5s);
    scene.deadlines.on_received(scene.now());
  }
}

TEST_CASE("a ping that nothing answers ends the wait for it", "[transport][deadlines]") {
  Scene scene{Liveness::Pongs};
  scene.clock.advance(19s);
  scene.deadlines.on_received(scene.now());
  CHECK(scene.wait() == Wait{Due::Ping, 1s});
  scene.deadlines.on_ping(scene.now());
  CHECK(scene.wait() == Wait{Due::Pong, 10s});
}

TEST_CASE("a message that comes in pieces must come in time, however many pieces", "[transport][deadlines]") {
  Scene scene{Liveness::Bytes};
  scene.deadlines.on_part(true, scene.now());
  scene.clock.advance(20s);
  scene.deadlines.on_received(scene.now());
  scene.deadlines.on_part(true, scene.now());
  CHECK(scene.wait() == Wait{Due::SlowMessage, 10s});
}

TEST_CASE("each message has its own time, and none is waited for when all are whole", "[transport][deadlines]") {
  Scene scene{Liveness::Bytes};
  scene.deadlines.on_part(true, scene.now());
  scene.clock.advance(20s);
  scene.deadlines.on_received(scene.now());
  scene.deadlines.on_message();
  scene.deadlines.on_part(true, scene.now());
  CHECK(scene.deadlines.next() == scene.now() + 30s);
  scene.deadlines.on_part(false, scene.now());
  CHECK(scene.wait() == Wait{Due::Idle, 900s});
}

TEST_CASE("what waits to be written must move", "[transport][deadlines]") {
  Scene scene{Liveness::Bytes};
  scene.deadlines.on_output(true, scene.now());
  scene.clock.advance(10s);
  scene.deadlines.on_output(true, scene.now());  // more of it is no progress
  CHECK(scene.deadlines.next() == scene.now() + 5s);
  scene.deadlines.on_written(scene.now());
  CHECK(scene.wait() == Wait{Due::StalledWrite, 15s});
  scene.deadlines.on_output(false, scene.now());
  CHECK(scene.wait() == Wait{Due::Idle, 900s - 25s});
}

TEST_CASE("output that waits again after all was written has its whole time again", "[transport][deadlines]") {
  Scene scene{Liveness::Bytes};
  scene.deadlines.on_output(true, scene.now());
  scene.deadlines.on_output(false, scene.now());
  scene.clock.advance(100s);
  scene.deadlines.on_written(scene.now());
  CHECK(scene.deadlines.next() != scene.now() + 15s);
  scene.deadlines.on_output(true, scene.now());
  CHECK(scene.wait() == Wait{Due::StalledWrite, 15s});
}

TEST_CASE("a closing connection waits for its last bytes only, then lingers for a moment", "[transport][deadlines]") {
  Scene scene{Liveness::Pongs};
  scene.deadlines.on_part(true, scene.now());
  scene.deadlines.on_output(true, scene.now());
  scene.deadlines.on_closing();
  CHECK(scene.wait() == Wait{Due::StalledWrite, 15s});
  scene.deadlines.on_output(false, scene.now());
  CHECK(scene.deadlines.next() == std::nullopt);
  CHECK(scene.deadlines.due(scene.now() + 24h) == Due::Nothing);
  scene.deadlines.on_lingering(scene.now());
  CHECK(scene.wait() == Wait{Due::Linger, 2s});
}

TEST_CASE("of several deadlines that passed the gravest is told", "[transport][deadlines]") {
  Scene scene{Liveness::Pongs};
  scene.deadlines.on_part(true, scene.now());
  scene.clock.advance(60s);
  CHECK(scene.deadlines.due(scene.now()) == Due::SlowMessage);
  scene.deadlines.on_output(true, scene.now());
  scene.clock.advance(60s);
  CHECK(scene.deadlines.due(scene.now()) == Due::StalledWrite);
}
