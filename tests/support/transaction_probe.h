#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/time/manual_clock.h"
#include "proxy/transaction/output.h"

namespace tests {

/// What a transaction machine has said, taken apart.
struct Said {
  std::vector<std::string> sent;
  std::vector<int> delivered;  // status codes
  int undelivered = 0;
  std::optional<proxy::transaction::Ended::Why> ended;
};

template <class Machine>
Said drain(Machine& machine) {
  namespace tx = proxy::transaction;
  Said said;
  while (auto output = machine.poll_output()) {
    if (auto* send = std::get_if<tx::Send>(&*output)) said.sent.push_back(std::move(send->bytes));
    if (auto* deliver = std::get_if<tx::Deliver>(&*output)) said.delivered.push_back(deliver->response.status());
    if (std::holds_alternative<tx::Undelivered>(*output)) ++said.undelivered;
    if (auto* ended = std::get_if<tx::Ended>(&*output)) said.ended = ended->why;
  }
  return said;
}

/// Lets `span` pass, calling on_timeout() exactly when asked to; says when (since the start) something was sent.
template <class Machine>
struct Passage {
  std::vector<common::Duration> sends;
  std::optional<proxy::transaction::Ended::Why> ended;
  common::Duration ended_after{};

  Passage(Machine& machine, common::ManualClock& clock, common::Duration span) {
    const common::Instant start = clock.now();
    note(machine, clock.now() - start);
    while (const auto next = machine.next_timeout()) {
      if (*next > start + span) break;
      clock.advance_to(*next);
      machine.on_timeout(clock.now());
      note(machine, clock.now() - start);
    }
    clock.advance_to(start + span);
  }

 private:
  void note(Machine& machine, common::Duration at) {
    const Said said = drain(machine);
    for (std::size_t i = 0; i < said.sent.size(); ++i) sends.push_back(at);
    if (!said.ended) return;
    ended = said.ended;
    ended_after = at;
  }
};

}  // namespace tests
