#include "common/log/log.h"

#include <catch2/catch.hpp>

#include "common/time/manual_clock.h"

using namespace common;
using namespace std::chrono_literals;

TEST_CASE("a line is level, event and key=value pairs", "[log]") {
  CHECK(log::format_line(log::Level::Info, "call.started",
                         {{"call_id", "a@b"}, {"shard", 3}, {"load", 0.5}, {"muted", true}}) ==
        "info call.started call_id=a@b shard=3 load=0.5 muted=true");
}

TEST_CASE("hostile text cannot forge a line or a field", "[log]") {
  CHECK(log::format_line(log::Level::Warn, "sip.bad", {{"text", "x\nerror fake"}, {"empty", ""}}) ==
        "warn sip.bad text=\"x\\nerror fake\" empty=\"\"");
  CHECK(log::format_line(log::Level::Warn, "sip.bad", {{"text", "a=b \"q\"\x1b[0m"}}) ==
        "warn sip.bad text=\"a=b \\\"q\\\"\\x1b[0m\"");
  const std::string line = log::format_line(log::Level::Warn, "sip.bad", {{"text", std::string(5000, 'x')}});
  CHECK(line.size() < 1100);
}

TEST_CASE("a redacted value is a stable fingerprint that does not show it", "[log]") {
  const auto line = [](std::string_view secret) {
    return log::format_line(log::Level::Info, "auth", {{"user", log::Redacted{secret}}});
  };
  CHECK(line("alice") == line("alice"));
  CHECK(line("alice") != line("bob"));
  CHECK(line("alice").find("alice") == std::string::npos);
}

TEST_CASE("lines below the level are dropped", "[log]") {
  std::vector<std::string> lines;
  log::set_sink([&](std::string_view line) { lines.emplace_back(line); });
  log::set_level(log::Level::Warn);
  log::info("quiet");
  log::warn("loud");
  log::set_level(log::Level::Info);
  log::set_sink({});
  CHECK(lines == std::vector<std::string>{"warn loud"});
  CHECK(log::parse_level("debug") == log::Level::Debug);
  CHECK_FALSE(log::parse_level("verbose"));
}

TEST_CASE("a rate limit passes its burst and then says how many were held back", "[log]") {
  ManualClock clock;
  log::RateLimit limit{10s, 2};
  CHECK(limit.pass(clock.now()) == 0);
  CHECK(limit.pass(clock.now()) == 0);
  CHECK_FALSE(limit.pass(clock.now()));
  clock.advance(9s);
  CHECK_FALSE(limit.pass(clock.now()));
  clock.advance(1s);
  CHECK(limit.pass(clock.now()) == 2);
}
