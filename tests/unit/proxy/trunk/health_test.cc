#include "proxy/trunk/health.h"

#include <catch2/catch.hpp>

#include "common/log/log.h"

using namespace std::chrono_literals;
using namespace proxy::trunk;
using proxy::next_hop::Candidate;
using proxy::next_hop::Candidates;
using proxy::transport::Kind;

namespace {

constexpr common::Instant kStart{1000s};

Trunk trunk_with(common::Duration probe_interval) {
  Trunk trunk;
  trunk.name = "carrier";
  trunk.host = "carrier.example";
  trunk.health.probe_interval = probe_interval;
  return trunk;
}

Candidate at(const char* address) { return {Kind::Udp, *common::SocketAddress::parse(address), "carrier.example"}; }
Place place(const char* address) { return {"carrier", Kind::Udp, *common::SocketAddress::parse(address)}; }
const char* const kA = "192.0.2.1:5060";
const char* const kB = "192.0.2.2:5060";

}  // namespace

TEST_CASE("each place has a health of its own", "[trunk][health]") {
  Health health;
  health.watch(trunk_with(0s), {at(kA), at(kB)}, kStart);
  for (int i = 0; i < 10; ++i) health.on_failure(place(kA), kStart);
  CHECK_FALSE(health.admits(place(kA), 0, kStart));
  CHECK(health.admits(place(kB), 0, kStart));
  CHECK(health.admits(place("192.0.2.3:5060"), 0, kStart));
  CHECK_FALSE(health.next_probe());
}

TEST_CASE("probes are spread over their interval and come again", "[trunk][health]") {
  Health health;
  health.watch(trunk_with(10s), {at(kA), at(kB)}, kStart);
  CHECK(health.next_probe() == kStart);
  CHECK(health.take_due_probes(kStart) == std::vector{place(kA)});
  CHECK(health.take_due_probes(kStart + 4s).empty());
  CHECK(health.take_due_probes(kStart + 5s) == std::vector{place(kB)});
  health.watch(trunk_with(10s), {at(kB), at(kA)}, kStart + 6s);
  CHECK(health.next_probe() == kStart + 10s);
  health.watch(trunk_with(0s), {at(kA), at(kB)}, kStart + 7s);
  CHECK_FALSE(health.next_probe());
}

TEST_CASE("what is no longer found or configured is forgotten", "[trunk][health]") {
  Health health;
  health.watch(trunk_with(10s), {at(kA), at(kB)}, kStart);
  health.watch(trunk_with(10s), {at(kB)}, kStart + 30min);
  CHECK(health.views(kStart + 30min).size() == 2);
  health.watch(trunk_with(10s), {at(kB)}, kStart + 61min);
  REQUIRE(health.views(kStart + 61min).size() == 1);
  CHECK(health.views(kStart + 61min)[0].place == place(kB));
  health.keep(TrunkTable{});
  CHECK(health.views(kStart + 61min).empty());
  CHECK_FALSE(health.next_probe());
}

TEST_CASE("going down and coming back are told once each, also when time alone brings a place back",
          "[trunk][health]") {
  std::vector<std::string> lines;
  common::log::set_sink([&](std::string_view line) { lines.emplace_back(line); });
  Health health;
  health.watch(trunk_with(0s), {at(kA)}, kStart);
  for (int i = 0; i < 12; ++i) health.on_failure(place(kA), kStart);
  health.admits(place(kA), 0, kStart + 30s);
  health.admits(place(kA), 0, kStart + 31s);
  health.admits(place(kA), 0, kStart + 60s);
  common::log::set_sink({});
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].find("trunk.down trunk=carrier place=udp:192.0.2.1:5060 cause=failures") != std::string::npos);
  CHECK(lines[1].find("trunk.back trunk=carrier place=udp:192.0.2.1:5060 state=ramping") != std::string::npos);
  CHECK(lines[2].find("state=up") != std::string::npos);
}

TEST_CASE("places of where a trunk was before are forgotten", "[trunk][health]") {
  Health health;
  Trunk trunk = trunk_with(10s);
  health.watch(trunk, {at(kA)}, kStart);
  health.keep(TrunkTable{{trunk}});
  CHECK(health.views(kStart).size() == 1);
  trunk.host = "elsewhere.example";
  health.keep(TrunkTable{{trunk}});
  CHECK(health.views(kStart).empty());
}

TEST_CASE("only Retry-After is a wish to be left alone", "[trunk][health]") {
  Health health;
  health.watch(trunk_with(0s), {at(kA), at(kB)}, kStart);
  health.on_retry_after(place(kA), 10s, kStart);
  for (int i = 0; i < 10; ++i) health.on_failure(place(kB), kStart);
  CHECK(health.wants_rest(place(kA), kStart));
  CHECK_FALSE(health.wants_rest(place(kA), kStart + 10s));
  CHECK_FALSE(health.wants_rest(place(kB), kStart));
}
