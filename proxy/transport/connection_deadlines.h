#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "common/time/instant.h"
#include "proxy/transport/settings.h"

namespace proxy::transport {

/// Every deadline of one stream connection, from its first moment to its last. Sans-IO: it is told what happens, says
/// when it wants to be asked (next) and what is due then; its owner does it.
class ConnectionDeadlines {
 public:
  enum class Due : std::uint8_t {
    Nothing,
    SetUp,         // TCP, TLS, the upgrade, or another request for a file: it did not come
    Idle,          // no byte from the peer
    Ping,          // time to send one; on_ping() then
    Pong,          // a ping that nothing answered
    SlowMessage,   // its first byte came, its last did not
    StalledWrite,  // bytes that nobody takes
    Linger         // the peer has had its time to read our last bytes
  };
  /// By what an open connection is seen to live: bytes that the peer sends by itself, or its answers to our pings.
  enum class Liveness : std::uint8_t { Bytes, Pongs };

  /// Setting up may last for `set_up` from `now` on. `limits` is borrowed.
  ConnectionDeadlines(const Limits& limits, common::Instant now, common::Duration set_up) noexcept
      : limits_(limits), phase_began_(now), set_up_(set_up) {}

  /// A file was asked for before an upgrade: as much time again as after accept.
  void on_request(common::Instant now) noexcept;
  /// Set up: from now on it carries messages.
  void on_open(Liveness liveness, common::Instant now) noexcept;
  /// Bytes arrived, whatever they say.
  void on_received(common::Instant now) noexcept;
  /// A message is complete.
  void on_message() noexcept;
  /// Whether a message has begun whose end is missing; told whenever bytes have been read.
  void on_part(bool is_here, common::Instant now) noexcept;
  void on_ping(common::Instant now) noexcept;
  /// Whether bytes wait to be written; told as often as one likes.
  void on_output(bool waits, common::Instant now) noexcept;
  /// Some of them were written.
  void on_written(common::Instant now) noexcept;
  /// Nothing counts any more but that what waits is written.
  void on_closing() noexcept;
  /// All is written and our direction is closed.
  void on_lingering(common::Instant now) noexcept;

  /// nullopt: nothing is waited for.
  std::optional<common::Instant> next() const noexcept;
  /// The gravest of what is due.
  Due due(common::Instant now) const noexcept;

 private:
  enum class Phase : std::uint8_t { SetUp, Open, Closing, Lingering };
  struct Deadline {
    Due due = Due::Nothing;
    std::optional<common::Instant> at;
  };
  std::array<Deadline, 3> deadlines() const noexcept;
  Deadline of_phase() const noexcept;
  Deadline of_liveness() const noexcept;

  const Limits& limits_;
  Phase phase_ = Phase::SetUp;
  Liveness liveness_ = Liveness::Bytes;
  bool awaits_pong_ = false;
  common::Instant phase_began_;
  common::Duration set_up_;
  common::Instant last_received_{};
  common::Instant last_ping_{};
  std::optional<common::Instant> message_since_;
  std::optional<common::Instant> output_since_;  // since it waits or since some of it was last taken
};

}  // namespace proxy::transport
