// Calls through one relay that runs already: sets them up over ng, sends speech both ways, and prints as a JSON object
// what the relay needed for it. `run_relay_capacity` beside this folder compares relays with it.
#include <fmt/core.h>
#include <sysexits.h>

#include <exception>

#include "benchmarks/system/process_cost.h"
#include "benchmarks/system/relay_capacity/load.h"

namespace {

using namespace benchmarks;

constexpr double kQuietest = 0.35;         // of the loudness sent; relays attenuate by a few dB at most
constexpr double kBusiestGenerator = 0.9;  // of its core; beyond, it measures itself

struct Outcome {
  PartyCounters packets;
  Pace pace;
  common::Duration cpu{};
  common::Duration length{};
  double resident_per_call = 0;
  double quietest = 1;

  double loss() const {
    return packets.sent == 0 ? 1 : 1 - static_cast<double>(packets.received) / static_cast<double>(packets.sent);
  }
  double generator_load() const { return static_cast<double>(pace.cpu.count()) / static_cast<double>(length.count()); }
};

Outcome measure(const Options& options) {
  const Speech speech;
  Calls calls(options, speech);
  const ProcessCost idle = cost_of(options.relay_pid);
  calls.set_up();
  run_load(calls, options.warm_up);
  drain(calls);
  calls.reset_counters();
  const ProcessCost before = cost_of(options.relay_pid);
  Outcome outcome;
  outcome.length = options.measured;
  outcome.pace = run_load(calls, options.measured);
  drain(calls);
  const ProcessCost after = cost_of(options.relay_pid);
  outcome.cpu = after.cpu - before.cpu;
  outcome.packets = calls.counters();
  outcome.quietest = calls.quietest();
  outcome.resident_per_call = (static_cast<double>(after.resident_bytes) - static_cast<double>(idle.resident_bytes)) /
                              static_cast<double>(calls.size());
  calls.tear_down();
  return outcome;
}

/// Empty if the measurement counts.
std::string objection(const Outcome& outcome, const Options& options) {
  if (outcome.packets.wrong > 0) return fmt::format("{} packets arrived damaged", outcome.packets.wrong);
  if (outcome.loss() > options.tolerated_loss) return fmt::format("{:.3f} % of packets lost", 100 * outcome.loss());
  if (outcome.quietest < kQuietest) {
    return fmt::format("a party hears {:.0f} % of the loudness sent", 100 * outcome.quietest);
  }
  if (outcome.generator_load() > kBusiestGenerator) return "the generator was too busy";
  return {};
}

void print(const Outcome& outcome, const Options& options, const std::string& objection) {
  const double cpu_us = static_cast<double>(outcome.cpu.count()) / 1000;
  const double seconds = static_cast<double>(options.measured.count());
  fmt::print(
      "{{\"scenario\": \"{}\", \"calls\": {}, \"packets\": {}, \"cpu_us_per_packet\": {:.3f}, "
      "\"cpu_ms_per_call_second\": {:.4f}, \"resident_kb_per_call\": {:.1f}, \"lost\": {:.6f}, "
      "\"loudness\": {:.2f}, \"generator_load\": {:.2f}, \"latest_ms\": {:.1f}, \"objection\": \"{}\"}}\n",
      options.scenario.name, options.scenario.calls, outcome.packets.sent,
      cpu_us / static_cast<double>(outcome.packets.sent), cpu_us / 1000 / options.scenario.calls / seconds,
      outcome.resident_per_call / 1024, outcome.loss(), outcome.quietest, outcome.generator_load(),
      static_cast<double>(outcome.pace.latest.count()) / 1e6, objection);
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  try {
    const Outcome outcome = measure(options);
    const std::string why_not = objection(outcome, options);
    print(outcome, options, why_not);
    return why_not.empty() ? EX_OK : EX_SOFTWARE;
  } catch (const std::exception& error) {
    fmt::print(stderr, "relay_capacity: {} with the relay at {}: {}\n", options.scenario.name,
               options.relay.to_string(), error.what());
    return EX_UNAVAILABLE;
  }
}
