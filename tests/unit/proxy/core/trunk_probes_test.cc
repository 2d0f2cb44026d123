#include "proxy/core/trunk_probes.h"

#include <catch2/catch.hpp>

#include "tests/support/calls.h"

using namespace tests;
using namespace std::chrono_literals;
using proxy::sip::Message;
using State = proxy::trunk::PlaceHealth::State;

namespace {

struct Probed : CoreScene {
  Probed() : CoreScene{{trunk()}} {
    const auto& configured = administration->trunks.all().front();
    trunk_health.watch(
        configured, {{proxy::transport::Kind::Udp, *common::SocketAddress::parse(kCarrier), configured.host}}, now());
    advance(1ms);
  }
  static proxy::trunk::Trunk trunk() {
    proxy::trunk::Trunk trunk;
    trunk.name = "carrier";
    trunk.host = "203.0.113.5";
    trunk.health.probe_interval = 10s;
    return trunk;
  }
  State state() { return trunk_health.views(now()).front().state; }
  /// The next probe is answered with this status.
  void answer_probe(int status) {
    const Message probe = take(kCarrier);
    CHECK(probe.is("OPTIONS"));
    receive(udp(kCarrier), answer(probe, status, "t"));
    advance(10s);
  }
};

}  // namespace

TEST_CASE("a probe is an OPTIONS to the trunk itself", "[core][trunk][health]") {
  Probed scene;
  const Message probe = scene.take(kCarrier);
  CHECK(probe.is("OPTIONS"));
  CHECK(probe.request_uri() == "sip:203.0.113.5");
  CHECK(probe.get("From").starts_with("<sip:example.org>;tag="));
  CHECK(probe.top_via()->branch().starts_with("z9hG4bK"));
}

TEST_CASE("any answer but 503 shows life", "[core][trunk][health]") {
  Probed scene;
  for (const int status : {200, 404, 405, 407, 501}) scene.answer_probe(status);
  CHECK(scene.state() == State::Up);
  for (int i = 0; i < 3; ++i) scene.answer_probe(503);
  CHECK(scene.state() == State::Down);
  for (int i = 0; i < 2; ++i) scene.answer_probe(200);
  CHECK(scene.state() == State::Ramping);
}

TEST_CASE("three probes without an answer within four seconds take a place down", "[core][trunk][health]") {
  Probed scene;
  scene.advance(23s);
  CHECK(scene.state() == State::Up);
  scene.advance(1s);
  CHECK(scene.state() == State::Down);
}
