#include "common/metrics/metrics.h"

#include <catch2/catch.hpp>

using namespace common::metrics;

namespace {
constexpr Family kPackets{"relay_rtp_received_packets_total", Kind::Counter, "RTP packets received."};
constexpr Family kCalls{"relay_sessions", Kind::Gauge, "Calls now."};
constexpr Family kLatency{"proxy_request_duration_seconds", Kind::Histogram, "Time to a final response."};
}  // namespace

TEST_CASE("values of one family with different labels stand under one header", "[metrics]") {
  Registry registry;
  registry.add([](Page& page) {
    page.add(kPackets, 7, {{"shard", "0"}});
    page.add(kCalls, 2);
  });
  registry.add([](Page& page) { page.add(kPackets, 9, {{"shard", "1"}}); });
  CHECK(registry.expose() ==
        "# HELP relay_rtp_received_packets_total RTP packets received.\n"
        "# TYPE relay_rtp_received_packets_total counter\n"
        "relay_rtp_received_packets_total{shard=\"0\"} 7\n"
        "relay_rtp_received_packets_total{shard=\"1\"} 9\n"
        "# HELP relay_sessions Calls now.\n"
        "# TYPE relay_sessions gauge\n"
        "relay_sessions 2\n");
}

TEST_CASE("a histogram's buckets are cumulative and end at infinity", "[metrics]") {
  Histogram<2> seconds{.bounds = {0.1, 1}};
  seconds.observe(0.1);
  seconds.observe(0.5);
  seconds.observe(5);
  Histogram<2> other{.bounds = {0.1, 1}};
  other.observe(0.05);
  seconds.add(other);
  Registry registry;
  registry.add([&](Page& page) { page.add(kLatency, seconds); });
  const std::string text = registry.expose();
  CHECK(text.find("proxy_request_duration_seconds_bucket{le=\"0.1\"} 2\n") != std::string::npos);
  CHECK(text.find("proxy_request_duration_seconds_bucket{le=\"1\"} 3\n") != std::string::npos);
  CHECK(text.find("proxy_request_duration_seconds_bucket{le=\"+Inf\"} 4\n") != std::string::npos);
  CHECK(text.find("proxy_request_duration_seconds_count 4\n") != std::string::npos);
}
