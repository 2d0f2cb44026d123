#include "proxy/trunk/call_window.h"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using proxy::trunk::CallWindow;

TEST_CASE("calls leave the window one slice after the other", "[trunk]") {
  CallWindow window{10s};
  const common::Instant start{1000s};
  for (int second = 0; second < 10; ++second) window.add_failure(start + std::chrono::seconds{second});
  CHECK(window.totals(start + 9s).failures == 10);
  CHECK(window.totals(start + 12s).failures == 7);
  CHECK(window.totals(start + 18s).failures == 1);
  CHECK(window.totals(start + 19s).calls == 0);
}

TEST_CASE("delays are summed over the calls that have one", "[trunk]") {
  CallWindow window{10s};
  const common::Instant now{50s};
  window.add_success(2s, now);
  window.add_success(4s, now);
  window.add_failure(now);
  const auto totals = window.totals(now);
  CHECK(totals.calls == 3);
  CHECK(totals.failures == 1);
  CHECK(totals.delay / totals.answers == 3s);
  window.clear();
  CHECK(window.totals(now).calls == 0);
}
