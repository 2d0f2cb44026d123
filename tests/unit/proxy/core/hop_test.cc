#include "proxy/core/hop.h"

#include <catch2/catch.hpp>

#include "tests/support/core_scene.h"

using namespace proxy::core;
using proxy::transport::Kind;
using tests::CoreScene;

TEST_CASE("only a connection that its other end alone can open is remembered as such", "[core]") {
  const Peer browser = peer_of_stranger(CoreScene::wss(11), 1, 99);
  CHECK(browser.by == Peer::By::Connection);
  CHECK(browser.leg == Leg::Browser);
  CHECK(browser.connection.value == 11);
  CHECK(browser.boot == 99);
  const Peer phone = peer_of_stranger(CoreScene::udp("192.0.2.99:5062"), 1, 99);
  CHECK(phone.by == Peer::By::Address);
  CHECK(phone.leg == Leg::Phone);
  CHECK(phone.remote.to_string() == "192.0.2.99:5062");
}

TEST_CASE("a binding is the same flow by connection, or by address where there is none", "[core]") {
  proxy::store::Binding binding;
  binding.flow = CoreScene::wss(11);
  CHECK(is_same_flow(binding, CoreScene::wss(11)));
  CHECK_FALSE(is_same_flow(binding, CoreScene::wss(12)));
  binding.flow = CoreScene::udp("192.0.2.99:5062");
  CHECK(is_same_flow(binding, CoreScene::udp("192.0.2.99:5062")));
  CHECK_FALSE(is_same_flow(binding, CoreScene::udp("192.0.2.99:5063")));
  CHECK_FALSE(is_same_flow(binding, CoreScene::wss(11)));
}

TEST_CASE("a sealed peer belongs to the trunk of its owner, while that is configured", "[core]") {
  proxy::trunk::Trunk trunk;
  trunk.name = "carrier";
  trunk.transport = Kind::Tls;
  trunk.host = "sip.carrier.example";
  const proxy::trunk::TrunkTable trunks{{trunk}};
  const auto remote = *common::SocketAddress::parse("203.0.113.5:5061");
  const Peer peer = peer_of(trunk, Kind::Tls, remote, {2});
  REQUIRE(trunk_of(peer, trunks) != nullptr);
  CHECK(trunk_of(peer, trunks)->name == "carrier");
  CHECK(trunk_of(peer, {}) == nullptr);
  const auto hop = std::get<proxy::transport::Destination>(hop_to(trunk, Kind::Tls, remote, {2}));
  CHECK(hop.tls_name == "sip.carrier.example");
  CHECK(hop.listener.value == 2);
}
