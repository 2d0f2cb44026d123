#pragma once

#include <chrono>

#include "benchmarks/system/relay_capacity/calls.h"

namespace benchmarks {

/// How well the generator kept its own time.
struct Pace {
  common::Duration latest{};  // longest delay of a packet behind its time
  common::Duration cpu{};     // the generator's own
};

/// Every party sends one packet each 20 ms; the packets of all parties are spread evenly over these 20 ms.
Pace run_load(Calls& calls, common::Duration length);

/// Takes what is still on its way.
void drain(Calls& calls);

}  // namespace benchmarks
