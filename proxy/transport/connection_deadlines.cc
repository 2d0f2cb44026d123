#include "proxy/transport/connection_deadlines.h"

#include <algorithm>

namespace proxy::transport {
namespace {

using common::Instant;
using namespace std::chrono_literals;

constexpr common::Duration kLinger = 2s;

std::optional<Instant> after(std::optional<Instant> since, common::Duration limit) noexcept {
  return since ? std::optional{*since + limit} : std::nullopt;
}

void begin_or_end(std::optional<Instant>& since, bool is_so, Instant now) noexcept {
  if (!is_so)
    since.reset();
  else if (!since)
    since = now;
}

}  // namespace

void ConnectionDeadlines::on_request(Instant now) noexcept {
  phase_began_ = now;
  set_up_ = limits_.handshake;
}

void ConnectionDeadlines::on_open(Liveness liveness, Instant now) noexcept {
  phase_ = Phase::Open;
  liveness_ = liveness;
  last_received_ = last_ping_ = now;
}

void ConnectionDeadlines::on_received(Instant now) noexcept {
  last_received_ = now;
  awaits_pong_ = false;
}

void ConnectionDeadlines::on_message() noexcept { message_since_.reset(); }

void ConnectionDeadlines::on_part(bool is_here, Instant now) noexcept { begin_or_end(message_since_, is_here, now); }

void ConnectionDeadlines::on_ping(Instant now) noexcept {
  last_ping_ = now;
  awaits_pong_ = true;
}

void ConnectionDeadlines::on_output(bool waits, Instant now) noexcept { begin_or_end(output_since_, waits, now); }

void ConnectionDeadlines::on_written(Instant now) noexcept {
  if (output_since_) output_since_ = now;
}

void ConnectionDeadlines::on_closing() noexcept {
  phase_ = Phase::Closing;
  message_since_.reset();
}

void ConnectionDeadlines::on_lingering(Instant now) noexcept {
  on_closing();
  phase_ = Phase::Lingering;
  phase_began_ = now;
}

ConnectionDeadlines::Deadline ConnectionDeadlines::of_liveness() const noexcept {
  if (liveness_ == Liveness::Bytes) return {Due::Idle, last_received_ + limits_.idle};
  if (awaits_pong_) return {Due::Pong, last_ping_ + limits_.pong};
  return {Due::Ping, last_ping_ + limits_.ping_interval};
}

ConnectionDeadlines::Deadline ConnectionDeadlines::of_phase() const noexcept {
  switch (phase_) {
    case Phase::SetUp:
      if (output_since_) return {};  // a long file may take longer, as long as it is taken
      return {Due::SetUp, phase_began_ + set_up_};
    case Phase::Open:
      return of_liveness();
    case Phase::Closing:
      return {};
    case Phase::Lingering:
      return {Due::Linger, phase_began_ + kLinger};
  }
  return {};
}

/// The gravest first.
std::array<ConnectionDeadlines::Deadline, 3> ConnectionDeadlines::deadlines() const noexcept {
  return {Deadline{Due::StalledWrite, after(output_since_, limits_.write)},
          Deadline{Due::SlowMessage, after(message_since_, limits_.message)}, of_phase()};
}

std::optional<Instant> ConnectionDeadlines::next() const noexcept {
  std::optional<Instant> next;
  for (const Deadline& one : deadlines())
    if (one.at && (!next || *one.at < *next)) next = one.at;
  return next;
}

ConnectionDeadlines::Due ConnectionDeadlines::due(Instant now) const noexcept {
  for (const Deadline& one : deadlines())
    if (one.at && *one.at <= now) return one.due;
  return Due::Nothing;
}

}  // namespace proxy::transport
