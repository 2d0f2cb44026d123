#include "proxy/dns/locate.h"

#include <event2/event.h>

#include <catch2/catch.hpp>

using namespace proxy;
using transport::Kind;

TEST_CASE("what needs no question is found before the call returns, and only once", "[dns]") {
  const std::unique_ptr<event_base, decltype(&event_base_free)> loop{event_base_new(), &event_base_free};
  dns::Resolver resolver{loop.get(), {}};
  int told = 0;
  dns::locate(resolver, {"192.0.2.1", 0, Kind::Tcp, false}, {Kind::Tcp}, 1, [&](const auto& places) {
    ++told;
    REQUIRE(places);
    CHECK(places->front().remote.to_string() == "192.0.2.1:5060");
  });
  dns::locate(resolver, {"not a name", 5060, {}, false}, {Kind::Udp}, 1, [&](const auto& places) {
    ++told;
    CHECK(places.error() == dns::DnsError::BadName);
  });
  CHECK(told == 2);
}
