#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "common/crypto/random.h"
#include "relay/session/counters.h"
#include "relay/session/leg.h"
#include "relay/session/plan.h"
#include "relay/session/report.h"

namespace relay::session {

/// Who opens and closes a session's ports: the shard, which remembers whose datagrams arrive where.
class PortOpener {
 public:
  virtual ~PortOpener() = default;
  virtual std::uint32_t open_port(common::Fd socket) = 0;
  virtual void own_port(std::uint32_t handle, Leg& leg, PortRole role) = 0;
  virtual void close_port(std::uint32_t handle) = 0;
};

/// One call on its shard: legs and the paths between them, always as the last plan says.
class Session {
 public:
  /// `ports`, `sink`, `counters` and `random` outlive the session.
  Session(SessionId id, PortOpener& ports, packet::PacketSink& sink, Counters& counters, common::crypto::Random& random,
          rtcp::NtpClock clock, common::Instant now)
      : id_(id), ports_(ports), sink_(sink), counters_(counters), random_(random), clock_(clock), signalled_(now) {}
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  SessionId id() const noexcept { return id_; }
  /// Opens, changes and closes legs and paths until they are those of `plan`. What stays the same keeps its state.
  void apply(SessionPlan plan, common::Instant now);
  /// Says goodbye to every party. The destructor closes the ports.
  void end(common::Instant now);

  /// How hard encoders try from now on, 0 to 10.
  void set_complexity(int complexity) noexcept;

  void on_timeout(common::Instant now);
  std::optional<common::Instant> next_timeout() const noexcept;
  /// Why the call should end (MediaTimeout, ConsentLost: said once), or what went wrong on a leg.
  std::optional<std::pair<EndCause, LegId>> poll_failure() noexcept;

  SessionReport report(common::Instant now) const;

 private:
  struct Path {
    std::unique_ptr<media::MediaPath> media;
    Leg* from;
    Leg* to;
  };

  Leg* find(LegId id) noexcept;
  void open_leg(LegPlan plan, common::Instant now);
  void close_leg(Leg& leg) noexcept;
  void apply_legs(std::vector<LegPlan> plans, common::Instant now);
  void apply_paths(std::vector<PathPlan> plans, common::Instant now);
  void connect(common::Instant now) noexcept;
  bool is_talking(const Leg& leg) const noexcept;
  std::optional<common::Instant> silence_deadline() const noexcept;
  std::optional<common::Instant> consent_deadline(const Leg& leg) const noexcept;
  void check_liveness(common::Instant now) noexcept;

  SessionId id_;
  PortOpener& ports_;
  packet::PacketSink& sink_;
  Counters& counters_;
  common::crypto::Random& random_;
  rtcp::NtpClock clock_;
  common::Instant signalled_;  // the last plan: silence counts from here on
  std::string cname_;
  common::Duration media_timeout_{};
  common::Duration held_timeout_{};
  common::Duration unanswered_timeout_{};
  common::Duration consent_timeout_{};
  bool over_ = false;
  std::optional<int> complexity_;  // nothing: the codec's own choice
  std::vector<std::unique_ptr<Leg>> legs_;
  std::vector<Path> paths_;
  std::optional<std::pair<EndCause, LegId>> failure_;
};

}  // namespace relay::session
