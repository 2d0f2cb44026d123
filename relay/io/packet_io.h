#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "common/net/fd.h"
#include "common/time/instant.h"
#include "relay/packet/packet_sink.h"

namespace relay::io {

/// Handles are small and dense, so that a table of owners can be an array. A closed handle is given out again.
using PortHandle = std::uint32_t;

struct IoCounters {
  std::uint64_t received = 0;
  std::uint64_t truncated = 0;  // longer than a PacketBuffer: dropped
  std::uint64_t sent = 0;
  std::uint64_t send_failed = 0;
  std::uint64_t wakeups = 0;
};

/// Datagrams of one shard in and out. The core never knows which back end runs. Used by the shard's thread only, but
/// for wake().
class PacketIo : public packet::PacketSink {
 public:
  /// Takes over a bound, non-blocking UDP socket.
  virtual PortHandle open(common::Fd socket) = 0;
  virtual void close(PortHandle handle) = 0;

  /// Waits until something arrives, somebody calls wake(), or `timeout` is over (nothing: wait for ever); fills `batch`
  /// from the front and gives the count. `port_handle` and `remote` of each packet are set.
  virtual std::size_t receive(std::span<packet::PacketBuffer> batch, std::optional<common::Duration> timeout) = 0;
  /// End of a batch: what send() has kept back leaves now.
  virtual void flush() = 0;
  /// Ends a receive() of the shard's thread. Any thread.
  virtual void wake() noexcept = 0;

  virtual const IoCounters& counters() const noexcept = 0;
};

}  // namespace relay::io
