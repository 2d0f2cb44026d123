#pragma once

#include <chrono>
#include <string>

#include "benchmarks/system/relay_capacity/scenario.h"
#include "common/net/address.h"

namespace benchmarks {

/// One measurement of one relay in one scenario.
struct Options {
  Scenario scenario = kScenarios.front();
  common::SocketAddress relay;  // where it listens for ng over UDP
  int relay_pid = 0;
  common::IpAddress local;          // of both parties
  unsigned first_port = 40000;      // caller, its RTCP, callee, its RTCP
  std::chrono::seconds warm_up{2};  // sent and forgotten
  std::chrono::seconds measured{5};
  double tolerated_loss = 0.001;  // share of packets; a run that loses more measures nothing
};

/// Prints what is wrong, or the help, and exits (sysexits.h).
Options parse_options(int argc, const char* const* argv);

}  // namespace benchmarks
