#include "relay/worker/effort.h"

#include <catch2/catch.hpp>

using relay::worker::Effort;

TEST_CASE("encoders try less hard on a busy shard, and hard again when it is idle", "[worker]") {
  Effort effort;
  CHECK(effort.complexity() == Effort::kIdleComplexity);
  CHECK_FALSE(effort.on_load(0.5));
  CHECK(effort.on_load(0.7));
  CHECK(effort.complexity() == Effort::kBusyComplexity);
  CHECK(effort.on_load(0.1));
  CHECK(effort.complexity() == Effort::kIdleComplexity);
}

TEST_CASE("lighter encoding that halves the load does not bring the heavier one back", "[worker]") {
  Effort effort;
  effort.on_load(0.65);
  CHECK_FALSE(effort.on_load(0.4));
  CHECK(effort.complexity() == Effort::kBusyComplexity);
}
