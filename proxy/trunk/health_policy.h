#pragma once

#include "common/time/instant.h"

namespace proxy::trunk {

/// When a place of a trunk is left alone, and how it comes back.
struct HealthPolicy {
  common::Duration probe_interval{};  // OPTIONS to each place; 0: none
  unsigned probes_down = 3;           // unanswered in a row: down
  unsigned probes_up = 2;             // answered in a row: up again

  common::Duration window = std::chrono::seconds{30};  // calls looked at together
  unsigned min_calls = 10;                             // fewer of them prove nothing
  unsigned max_failures = 50;                          // per cent; more: down
  common::Duration max_delay{};                        // mean post-dial delay; more: down; 0: not looked at

  common::Duration rest = std::chrono::seconds{30};  // without calls after going down by calls; doubles up to max_rest
  common::Duration max_rest = std::chrono::minutes{5};
  common::Duration ramp = std::chrono::seconds{30};  // from a tenth of the calls to all of them
  friend bool operator==(const HealthPolicy&, const HealthPolicy&) = default;
};

}  // namespace proxy::trunk
