#include "benchmarks/system/relay_capacity/load.h"

#include <sys/prctl.h>

#include <algorithm>
#include <ctime>
#include <thread>

namespace benchmarks {
namespace {

using namespace std::chrono_literals;

constexpr common::Duration kPacketTime = 20ms;
/// So fine that the relay sees single packets more than bursts: 10 of 50,000 a second.
constexpr common::Duration kTick = 200us;
constexpr auto kDrain = 300ms;

common::Duration own_cpu() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return std::chrono::seconds{used.tv_sec} + std::chrono::nanoseconds{used.tv_nsec};
}

/// The two directions of a call are half a period apart.
void send_slot(Calls& calls, std::uint64_t slot) {
  const std::size_t index = slot / 2 % calls.size();
  if (slot % 2 == 0) {
    calls.caller(index).send();
  } else {
    calls.callee((index + calls.size() / 2) % calls.size()).send();
  }
}

}  // namespace

Pace run_load(Calls& calls, common::Duration length) {
  ::prctl(PR_SET_TIMERSLACK, 1);
  const std::uint64_t per_period = 2 * calls.size();
  const common::Instant start = monotonic_now();
  const common::Duration cpu_before = own_cpu();
  const auto due_at = [&](std::uint64_t slot) {
    return common::Duration{static_cast<std::int64_t>(slot) * kPacketTime.count() /
                            static_cast<std::int64_t>(per_period)};
  };
  const std::uint64_t slots = static_cast<std::uint64_t>(length / kPacketTime) * per_period;
  Pace pace;
  for (std::uint64_t slot = 0; slot < slots;) {
    const common::Duration elapsed = monotonic_now() - start;
    if (elapsed >= due_at(slot)) pace.latest = std::max(pace.latest, elapsed - due_at(slot));
    for (; slot < slots && due_at(slot) <= elapsed; ++slot) send_slot(calls, slot);
    calls.flush();
    calls.receive();
    std::this_thread::sleep_until(std::chrono::steady_clock::time_point{start.time_since_epoch() + elapsed + kTick});
  }
  pace.cpu = own_cpu() - cpu_before;
  return pace;
}

void drain(Calls& calls) {
  const common::Instant end = monotonic_now() + kDrain;
  while (monotonic_now() < end) {
    calls.receive();
    std::this_thread::sleep_for(1ms);
  }
}

}  // namespace benchmarks
