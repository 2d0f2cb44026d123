#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "common/time/instant.h"

namespace common {

/// Hashed wheel of coarse deadlines for dense small ids (slot numbers of sessions on one shard).
/// schedule() and expire() are O(1) per id and allocate only when an id larger than any before appears.
class TimerWheel {
 public:
  /// `tick` is the resolution: a deadline fires in the first expire() at or after it, rounded up to a tick.
  TimerWheel(Instant now, Duration tick = std::chrono::milliseconds{5}, std::size_t slots = 1024);

  /// Sets or moves the deadline of `id`.
  void schedule(std::uint32_t id, Instant at);
  void cancel(std::uint32_t id) noexcept;

  /// Appends the ids due at `now` to `due`.
  void expire(Instant now, std::vector<std::uint32_t>& due);

  /// Not later than the earliest deadline (it may be earlier, then expire() gives nothing).
  std::optional<Instant> next() const noexcept;

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  struct Entry {
    std::uint64_t due_tick = 0;
    std::uint32_t previous = kNone;
    std::uint32_t next = kNone;
    bool armed = false;
  };

  std::uint64_t tick_of(Instant at) const noexcept;
  std::size_t slot_of(std::uint64_t tick) const noexcept { return tick % heads_.size(); }
  void unlink(std::uint32_t id) noexcept;

  Instant start_;
  Duration tick_;
  std::uint64_t current_tick_ = 0;
  std::size_t armed_ = 0;
  std::vector<std::uint32_t> heads_;
  std::vector<Entry> entries_;
};

}  // namespace common
