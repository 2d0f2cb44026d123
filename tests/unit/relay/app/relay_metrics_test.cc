#include "relay/app/relay_metrics.h"

#include <catch2/catch.hpp>

#include <set>

using namespace relay;
using session::DropReason;

TEST_CASE("the page tells dropped packets by reason and shard", "[metrics]") {
  stats::ShardCounters counters;
  counters.dropped[static_cast<std::size_t>(DropReason::Replayed)] = 3;
  common::metrics::Page page;
  app::write_shard_metrics(page, 1, counters);
  const std::string text = page.text();
  CHECK_THAT(text, Catch::Contains("# TYPE relay_dropped_packets_total counter\n"));
  CHECK_THAT(text, Catch::Contains("relay_dropped_packets_total{reason=\"replayed\",shard=\"1\"} 3\n"));
  for (const std::string_view reason : session::kDropReasons) {
    const std::string line = "relay_dropped_packets_total{reason=\"" + std::string(reason) + "\",shard=\"1\"} ";
    CHECK_THAT(text, Catch::Contains(line));
  }
}

TEST_CASE("the page tells what became of packets that were transcoded", "[metrics]") {
  stats::ShardCounters counters;
  for (std::size_t i = 0; i < counters.transcoded.size(); ++i) counters.transcoded[i] = 10 + i;
  common::metrics::Page page;
  app::write_shard_metrics(page, 0, counters);
  const std::string text = page.text();
  for (std::size_t i = 0; i < counters.transcoded.size(); ++i) {
    const std::string name(codec::kTranscoderCounters[i].name);
    CHECK_THAT(text, Catch::Contains("relay_transcoder_packets_total{result=\"" + name + "\",shard=\"0\"} " +
                                     std::to_string(10 + i) + "\n"));
  }
}

TEST_CASE("every reason has a name of its own", "[metrics]") {
  const std::set<std::string_view> names(session::kDropReasons.begin(), session::kDropReasons.end());
  CHECK(names.size() == session::kDropReasons.size());
  CHECK(session::kDropReasons[static_cast<std::size_t>(DropReason::UnownedPort)] == "unowned-port");
  CHECK(session::kDropReasons[static_cast<std::size_t>(DropReason::UnknownSource)] == "unknown-source");
  CHECK(session::kDropReasons[static_cast<std::size_t>(DropReason::PayloadType)] == "payload-type");
  CHECK(session::kDropReasons[static_cast<std::size_t>(DropReason::ReceiverSrtp)] == "receiver-srtp");
}
