#include <catch2/catch.hpp>

#include "common/config/load.h"

using namespace common::config;

namespace {

/// A report that knows where these keys of a file were written.
Report report_of(std::initializer_list<std::pair<std::string, unsigned>> places) {
  Report report;
  for (const auto& [key, line] : places) report.remember(key, {"house.toml", line});
  return report;
}

std::string line_of(Report& report) {
  const Problems problems = report.take();
  REQUIRE(problems.size() == 1);
  return problems[0].to_string();
}

}  // namespace

TEST_CASE("a problem names place, key, value, cause and remedy, and leaves out what it has not", "[config]") {
  Problem problem{"relay.toml", 14, "media.port_max", "29999", {"is below 30000", "raise it"}};
  CHECK(problem.to_string() == "relay.toml:14: media.port_max 29999 is below 30000; raise it");
  problem.value.clear();
  problem.line = 0;
  problem.origin = "--port-max";
  CHECK(problem.to_string() == "--port-max: media.port_max is below 30000; raise it");
  problem.key.clear();
  CHECK(problem.to_string() == "--port-max: is below 30000; raise it");
}

TEST_CASE("a complaint stands at the line of its key", "[config]") {
  Report report = report_of({{"", 0}, {"media", 3}, {"media.port_max", 5}});
  report.complain("media.port_max", "1", "is wrong", "mend it");
  CHECK(line_of(report) == "house.toml:5: media.port_max 1 is wrong; mend it");
}

TEST_CASE("a key that was not written has the line of its table, else the file's name", "[config]") {
  Report report = report_of({{"", 0}, {"trunk[2]", 7}});
  report.complain("trunk[2].inbound.pattern", "", "is missing", "add it");
  CHECK(line_of(report) == "house.toml:7: trunk[2].inbound.pattern is missing; add it");
  Report elsewhere = report_of({{"", 0}, {"trunk[2]", 7}});
  elsewhere.complain("route[1].match", "", "is missing", "add it");
  CHECK(line_of(elsewhere) == "house.toml: route[1].match is missing; add it");
}

TEST_CASE("a key set from outside the file is complained of where it was set", "[config]") {
  Report report = report_of({{"media.port_max", 5}});
  report.remember("media.port_max", {"--port-max", 0});
  report.complain("media.port_max", "1", "is wrong", "mend it");
  CHECK(line_of(report) == "--port-max: media.port_max 1 is wrong; mend it");
}

TEST_CASE("one problem of a key is enough: behind it stands a default", "[config]") {
  Report report = report_of({{"media.port_max", 5}});
  report.complain("media.port_max", "70000", "is outside 1 to 65535", "write a number in this range");
  report.complain("media.port_max", "0", "is below media.port_min", "raise it");
  CHECK(line_of(report).starts_with("house.toml:5: media.port_max 70000"));
}

TEST_CASE("problems come in the order of their lines, on one line in that of their finding", "[config]") {
  Report report = report_of({{"a", 9}, {"b", 2}, {"c", 2}});
  CHECK(report.empty());
  for (const auto* key : {"a", "c", "b"}) report.complain(key, "", "is wrong", "mend it");
  CHECK_FALSE(report.empty());
  std::string order;
  for (const Problem& problem : report.take()) order += problem.key;
  CHECK(order == "cba");
}

TEST_CASE("it is known what was written", "[config]") {
  const Report report = report_of({{"media.port_max", 5}});
  CHECK(report.is_set("media.port_max"));
  CHECK_FALSE(report.is_set("media.port_min"));
}
