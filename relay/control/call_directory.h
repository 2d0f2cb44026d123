#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/crypto/random.h"
#include "common/time/timer_queue.h"
#include "control-protocol/message/reply.h"
#include "control-protocol/message/request.h"
#include "relay/control/awaited_reports.h"
#include "relay/control/call_table.h"
#include "relay/control/port_allocator.h"
#include "relay/control/shard_gateway.h"

namespace relay::control {

/// A call has ended by itself: tell the first of `to` that listens.
struct TellTeardown {
  ng::Request request;
  std::vector<common::SocketAddress> to;
};
using DirectoryOutput = std::variant<Answered, TellTeardown>;

struct DirectoryCounters {
  std::array<std::uint64_t, 7> requests{};  // by ng::Command
  std::array<std::uint64_t, 7> refused{};
  std::uint64_t calls_started = 0;
  std::uint64_t calls_deleted = 0;  // by request
  std::uint64_t calls_media_timeout = 0;
  std::uint64_t calls_consent_lost = 0;
  std::uint64_t calls_cut_off = 0;  // by the end of the process
  std::uint64_t dtls_failures = 0;
  std::uint64_t late_reports = 0;  // a shard did not answer in time
};

/// Every call of this relay by its Call-ID. Opens no socket itself and reads no clock: requests and shard events in,
/// replies and plans out. Belongs to the control thread.
class CallDirectory {
 public:
  struct Settings {
    std::size_t max_sessions = 0;  // 0: as many as there are ports
    common::Duration media_timeout = std::chrono::seconds{60};
    common::Duration report_deadline = std::chrono::milliseconds{500};
    bool ice_lite = false;
    std::string boot_id;  // random per start: a call of an earlier process is not looked for here
  };

  CallDirectory(Settings settings, ShardGateway& shards, PortAllocator& ports, common::crypto::Random& random,
                std::shared_ptr<const dtls::Certificate> certificate);

  void on_request(ng::RequestId id, const ng::Request& request, Now now);
  void on_shard_event(const worker::ShardEvent& event, Now now);
  void on_timeout(Now now);
  std::optional<common::Instant> next_timeout() const noexcept;
  std::optional<DirectoryOutput> poll_output();

  /// From now on calls end, none begins.
  void drain() noexcept { draining_ = true; }
  /// The process ends: so does every call, and its proxy is told.
  void end_all(Now now);
  bool draining() const noexcept { return draining_; }

  std::size_t calls() const noexcept { return calls_.size(); }
  std::vector<CallSummary> summaries(std::size_t limit) const { return calls_.summaries(limit); }
  const DirectoryCounters& counters() const noexcept { return counters_; }

 private:
  ng::Reply on_ping() const;
  ng::Reply on_offer(const ng::Request& request, Now now);
  ng::Reply on_answer(const ng::Request& request, Now now);
  ng::Reply on_list(const ng::Request& request) const;
  void on_query(ng::RequestId id, const ng::Request& request);
  void on_delete(ng::RequestId id, const ng::Request& request, Now now);

  std::shared_ptr<Call> open_call(const std::string& call_id, std::size_t shard, Now now);
  negotiation::Exchanged offer_in(Call& call, const ng::Request& request, std::vector<std::string>& warnings);
  negotiation::Exchanged offer_new(const ng::Request& request, std::shared_ptr<Call>& call, Now now,
                                   std::vector<std::string>& warnings);
  negotiation::Environment environment_for(std::size_t shard);
  void apply(const Call& call);
  void tell_proxy(const Call& call, std::string_view reason);
  /// Takes the call out of the directory and its session from the shard.
  void remove(const std::shared_ptr<Call>& call, std::optional<ng::RequestId> asked_by);
  void on_failed(const worker::SessionFailed& failed);
  void answer(ng::RequestId id, ng::Command command, ng::Reply reply);

  Settings settings_;
  ShardGateway& shards_;
  PortAllocator& ports_;
  common::crypto::Random& random_;
  std::shared_ptr<const dtls::Certificate> certificate_;
  bool draining_ = false;
  std::uint64_t last_session_ = 0;
  std::uint32_t last_leg_ = 0;
  common::Instant now_{};
  CallTable calls_;
  AwaitedReports reports_;
  common::TimerQueue<session::SessionId> delayed_deletes_;
  std::deque<DirectoryOutput> output_;
  DirectoryCounters counters_;
};

}  // namespace relay::control
