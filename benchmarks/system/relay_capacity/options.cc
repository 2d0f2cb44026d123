#include "benchmarks/system/relay_capacity/options.h"

#include <sysexits.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdlib>

namespace benchmarks {
namespace {

std::string names_of_scenarios() {
  std::string names;
  for (const Scenario& scenario : kScenarios) names += (names.empty() ? "" : ", ") + std::string(scenario.name);
  return names;
}

const Scenario& scenario_named(const std::string& name) {
  const auto found = std::ranges::find(kScenarios, name, &Scenario::name);
  if (found == kScenarios.end()) {
    throw CLI::ValidationError("--scenario", '"' + name + "\" is none of " + names_of_scenarios());
  }
  return *found;
}

template <class Address>
Address address_from(const std::string& flag, const std::string& text) {
  const auto address = Address::parse(text);
  if (!address) throw CLI::ValidationError(flag, '"' + text + "\" is no address of the form wanted; see --help");
  return *address;
}

}  // namespace

Options parse_options(int argc, const char* const* argv) {
  Options options;
  std::string scenario = "plain";
  std::string relay;
  std::string local = "127.0.0.1";
  unsigned calls = 0;
  long warm_up = options.warm_up.count();
  long measured = options.measured.count();
  CLI::App app{"Calls through a running relay: CPU per packet, loss and memory, as one JSON object", "relay_capacity"};
  app.add_option("--scenario", scenario, "One of: " + names_of_scenarios())->capture_default_str();
  app.add_option("--relay", relay, "ADDRESS:PORT where the relay listens for ng over UDP")->required();
  app.add_option("--pid", options.relay_pid, "Process of the relay, whose CPU and memory are read")->required();
  app.add_option("--local", local, "Address of both parties")->capture_default_str();
  app.add_option("--first-port", options.first_port, "First of four UDP ports of the parties")->capture_default_str();
  app.add_option("--calls", calls, "Calls at once; 0: as many as suit the scenario")->capture_default_str();
  app.add_option("--warm-up", warm_up, "Seconds of media before the measurement")->capture_default_str();
  app.add_option("--seconds", measured, "Seconds measured")->capture_default_str()->check(CLI::Range(1, 600));
  app.add_option("--tolerated-loss", options.tolerated_loss, "Share of packets")->capture_default_str();
  try {
    app.parse(argc, argv);
    options.scenario = scenario_named(scenario);
    options.relay = address_from<common::SocketAddress>("--relay", relay);
    options.local = address_from<common::IpAddress>("--local", local);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error) == 0 ? EX_OK : EX_USAGE);
  }
  if (calls != 0) options.scenario.calls = calls;
  options.warm_up = std::chrono::seconds{warm_up};
  options.measured = std::chrono::seconds{measured};
  return options;
}

}  // namespace benchmarks
