#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

#include "relay/codec/transcoder.h"
#include "relay/session/drop_reason.h"

namespace relay::stats {

/// The closed set of what a shard counts. One writer (the shard), any reader.
struct ShardCounters {
  std::atomic<std::uint64_t> received_packets{0};
  std::atomic<std::uint64_t> sent_packets{0};
  std::atomic<std::uint64_t> send_failures{0};
  std::atomic<std::uint64_t> wakeups{0};
  std::atomic<std::uint64_t> sessions{0};
  std::array<std::atomic<std::uint64_t>, session::kDropReasons.size()> dropped{};          // by session::DropReason
  std::array<std::atomic<std::uint64_t>, codec::kTranscoderCounters.size()> transcoded{};  // in their order
};

/// Name, help and place of each, for the exposition.
struct CounterName {
  std::string_view name;
  std::string_view help;
  std::atomic<std::uint64_t> ShardCounters::* counter;
};

inline constexpr std::array kShardCounters{
    CounterName{"relay_received_packets_total", "Datagrams taken from media ports.", &ShardCounters::received_packets},
    CounterName{"relay_sent_packets_total", "Datagrams sent from media ports.", &ShardCounters::sent_packets},
    CounterName{"relay_send_failures_total", "Datagrams the kernel would not take.", &ShardCounters::send_failures},
    CounterName{"relay_wakeups_total", "Times a shard waited for packets.", &ShardCounters::wakeups},
};

}  // namespace relay::stats
