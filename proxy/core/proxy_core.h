#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>

#include "common/time/timer_queue.h"
#include "proxy/core/flow_waits.h"
#include "proxy/core/forwarding.h"
#include "proxy/core/own_requests.h"
#include "proxy/core/request_context.h"
#include "proxy/core/services.h"
#include "proxy/core/stray_failures.h"
#include "proxy/core/teardown_blob.h"
#include "proxy/core/trunk_probes.h"

namespace proxy::core {

/// Plain numbers of one core, for metrics.
struct CoreCounters {
  std::map<std::string, std::uint64_t, std::less<>> requests;  // by method; unknown methods count as `other`
  std::array<std::uint64_t, 7> rejected{};                     // by class of the status that a stage gave
  std::uint64_t stateless_requests = 0;
  std::uint64_t stray_responses = 0;
  std::uint64_t refused_responses = 0;  // without a transaction and without a valid cookie, or from elsewhere
  std::uint64_t dropped_acks = 0;
  std::uint64_t teardowns = 0;
};

/// RFC 3261 §16 on top of the transaction table: takes its events, walks requests through the stages, forwards them,
/// and forgets them. Knows calls only while one of their transactions runs. Sans-IO: what it waits for comes through
/// the completions of its services.
class ProxyCore final : public ForwardingOwner {
 public:
  explicit ProxyCore(Services services);

  /// An event of the table other than Transmit.
  void on_event(transaction::Event event);
  /// A connection is gone: calls that its other end was about to make are given up.
  void on_connection_closed(const transport::Flow& flow);
  /// A user has registered on another node: what waits for it goes on.
  void on_registered(std::uint32_t owner) { flow_waits_.wake(owner); }
  /// The relay has seen a call's media end: BYE to both ends. False: the blob is not ours.
  [[nodiscard]] bool on_teardown(std::string_view blob);
  void on_timeout(common::Instant now);
  transaction::Timer next_timeout() const noexcept {
    const auto next = transaction::earliest(timers_.next(), flow_waits_.next_timeout());
    return transaction::earliest(next, trunk_probes_.next_timeout());
  }

  /// From now on calls go on and end, none begins.
  void drain();
  /// Requests that still need this process.
  std::size_t busy() const noexcept;

  std::size_t forwardings() const noexcept { return forwardings_.size(); }
  const CoreCounters& counters() const noexcept { return counters_; }

 private:
  // ForwardingOwner
  void adopt(transaction::TransactionId client, transaction::TransactionId server,
             const transaction::Hop& hop) override;
  void touched(transaction::TransactionId server) override;
  void hang_up(const TeardownBlob& dialog, bool bye) override;
  void note_attempt(const sip::Message& invite, unsigned attempt) override;

  void on_request(transaction::event::Request event);
  void on_cancel(const transaction::event::Cancel& event);
  void on_ack(transaction::event::Ack event);
  void on_response(const transaction::event::Response& event);
  void on_stray(transaction::event::Stray event);
  void on_undelivered(transaction::TransactionId server);
  void on_ended(const transaction::event::Ended& event);

  ContextPtr make_context(transaction::TransactionId server, sip::Message request, const transport::Flow& flow);
  void walk(const ContextPtr& context, std::size_t stage);
  void step(const ContextPtr& context, std::size_t stage, Verdict verdict);
  void await_user(const ContextPtr& context, std::size_t stage, const AwaitUser& wait);
  void return_answer(transaction::TransactionId server, common::Instant until);
  void reject(const RequestContext& context, const Reject& reject);
  void go_on(const ContextPtr& context);
  void recall_invite(RequestContext& context) const;
  void forward_ack(const ContextPtr& context);
  void leave_stages(const ContextPtr& context);
  void send_stateless(const RequestContext& context, unsigned attempt, const std::optional<std::string>& sdp);
  std::shared_ptr<Forwarding> find(transaction::TransactionId server) const;
  void watch(transaction::TransactionId server, transport::ConnectionId connection);
  void unwatch(transaction::TransactionId server);

  void reject_stateless(const RequestContext& context, const sip::Message& response);

  Services services_;
  bool draining_ = false;
  CoreCounters counters_;
  OwnRequests own_requests_;
  TrunkProbes trunk_probes_;
  std::unordered_map<transaction::TransactionId, ContextPtr> walking_;  // by server: between two stages
  std::unordered_map<transaction::TransactionId, std::shared_ptr<Forwarding>> forwardings_;  // by server; an event
                                                                                             // being handled keeps it
  std::unordered_map<transaction::TransactionId, transaction::TransactionId> servers_;       // by client
  /// What its PRACK and ACK need to know of an INVITE that rings or was accepted.
  struct RunningInvite {
    unsigned attempt = 0;
    bool late_offer = false;
  };
  std::map<std::string, RunningInvite> invites_;
  // Connections with a caller or callee of a forwarded request behind them, both ways.
  std::set<std::pair<transport::ConnectionId, transaction::TransactionId>> watched_;
  std::unordered_multimap<transaction::TransactionId, transport::ConnectionId> watchers_;
  FlowWaits flow_waits_;
  StrayFailures stray_failures_;
  common::TimerQueue<transaction::TransactionId> timers_;
};

}  // namespace proxy::core
