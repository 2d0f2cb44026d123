#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "common/base/spsc_ring.h"
#include "common/crypto/random.h"
#include "common/net/fd.h"
#include "common/time/timer_wheel.h"
#include "relay/io/packet_io.h"
#include "relay/session/session.h"
#include "relay/stats/shard_counters.h"
#include "relay/worker/effort.h"
#include "relay/worker/messages.h"

namespace relay::worker {

/// One shard: sessions, ports, timers, all owned by whoever calls run_once(). Clock readings are handed in, packets
/// come and go through the back end, commands and events through poll functions: a test can drive it by hand.
class Shard final : public session::PortOpener {
 public:
  Shard(std::unique_ptr<io::PacketIo> io, rtcp::NtpClock clock, common::Instant now);
  ~Shard() override;

  void on_command(ShardCommand command, common::Instant now);
  std::optional<ShardEvent> poll_event();
  /// Share of a core that the shard has used of late, 0 to 1; encoders try less hard under load.
  void on_load(double load) noexcept;

  /// Waits for packets no longer than the next timer, or `limit`; gives how many it took.
  /// `read_clock` is called once, after the wait.
  template <class ReadClock>
  std::size_t run_once(std::optional<common::Instant> now, std::optional<common::Duration> limit,
                       ReadClock read_clock) {
    const std::size_t count = io_->receive(batch_, wait_time(now, limit));
    on_batch(count, read_clock());
    return count;
  }

  /// Packets of one run_once() at most; so many: more are waiting.
  static constexpr std::size_t kBatch = 64;

  io::PacketIo& io() noexcept { return *io_; }
  std::size_t sessions() const noexcept { return slots_.size() - free_slots_.size(); }
  /// Added up for whoever scrapes; written by the shard, read from any thread.
  const stats::ShardCounters& counters() const noexcept { return counters_; }

  std::uint32_t open_port(common::Fd socket) override;
  void own_port(std::uint32_t handle, session::Leg& leg, session::PortRole role) override;
  void close_port(std::uint32_t handle) override;

 private:
  struct PortOwner {
    session::Leg* leg = nullptr;
    session::PortRole role = session::PortRole::Rtp;
    std::uint32_t slot = 0;
  };

  std::optional<common::Duration> wait_time(std::optional<common::Instant> now,
                                            std::optional<common::Duration> limit) const;
  void on_batch(std::size_t count, common::Instant now);
  /// Of packet `index` of the batch; without a leg: nobody's.
  PortOwner owner_of(std::size_t index) const noexcept;
  void look_ahead(std::size_t index, std::size_t count) const noexcept;
  void on_timers(common::Instant now);
  void after_change(std::uint32_t slot, common::Instant now);
  void publish_counters() noexcept;

  void apply(ApplyPlan command, common::Instant now);
  void query(const QuerySession& command, common::Instant now);
  void remove(const RemoveSession& command, common::Instant now);
  void end_sessions(common::Instant now);
  std::uint32_t slot_for(session::SessionId id, common::Instant now);

  std::unique_ptr<io::PacketIo> io_;
  common::crypto::SystemRandom random_;
  rtcp::NtpClock clock_;
  common::TimerWheel timers_;
  std::vector<packet::PacketBuffer> batch_;
  std::vector<PortOwner> ports_;  // by handle
  std::uint32_t opening_slot_ = 0;
  std::vector<std::unique_ptr<session::Session>> slots_;
  std::vector<std::uint32_t> free_slots_;
  std::unordered_map<session::SessionId, std::uint32_t> slot_of_;
  std::vector<std::uint32_t> due_;
  std::vector<ShardEvent> events_;
  std::size_t events_taken_ = 0;
  Effort effort_;
  session::Counters tally_;
  stats::ShardCounters counters_;
};

/// A shard on a thread of its own. post() and poll_event() belong to the control thread.
class ShardThread {
 public:
  struct Options {
    std::size_t inbox = 4096;
    std::optional<unsigned> cpu;                            // pinned there
    common::Duration nap = std::chrono::microseconds{500};  // longest added wait under load, 0: never
  };

  /// `clock` reads monotonic time; called on the shard's thread once a cycle.
  ShardThread(std::unique_ptr<io::PacketIo> io, rtcp::NtpClock ntp, std::function<common::Instant()> clock,
              Options options);
  /// Stops the shard and waits for it.
  ~ShardThread();

  /// False: the inbox is full, the command is still the caller's.
  bool post(ShardCommand& command);
  std::optional<ShardEvent> poll_event();
  /// Readable while events wait.
  int event_fd() const noexcept { return event_fd_.get(); }
  const stats::ShardCounters& counters() const noexcept { return shard_.counters(); }

 private:
  void run();
  void take_commands(common::Instant now);
  void pass_events();
  void nap(std::size_t packets) const;
  void watch_load(common::Instant now);

  std::function<common::Instant()> clock_;
  Options options_;
  Shard shard_;
  common::SpscRing<ShardCommand> inbox_;
  common::SpscRing<ShardEvent> outbox_;
  common::Fd event_fd_;
  std::optional<ShardEvent> waiting_;  // the outbox was full
  bool stopping_ = false;
  common::Instant load_since_{};  // of the measurement that runs
  common::Duration cpu_then_{};
  std::thread thread_;
};

}  // namespace relay::worker
