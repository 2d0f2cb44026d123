#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "proxy/core/forward.h"
#include "proxy/core/forwarding_owner.h"
#include "proxy/core/media_exchange.h"
#include "proxy/core/request_context.h"
#include "proxy/core/services.h"
#include "proxy/core/trunk_outcome.h"
#include "proxy/transaction/timers.h"

namespace proxy::core {

/// One request being forwarded with state, RFC 3261 §16.6 to §16.10: its targets tried group by group, a group at once;
/// the answers put in order and sent back. Push events, then ask next_timeout() and is_done().
class Forwarding : public std::enable_shared_from_this<Forwarding> {
 public:
  Forwarding(ContextPtr context, Services& services, ForwardingOwner& owner);

  void start();
  void on_response(transaction::TransactionId client, const sip::Message& response, const common::IpAddress& source);
  void on_client_ended(transaction::TransactionId client, transaction::Ended::Why why);
  void on_server_ended();
  /// The caller has given up (CANCEL), or cannot be reached any more.
  void on_cancel(std::string_view reason);
  /// The connection of a callee is gone: what rings there rings no more.
  void on_callee_gone(transport::ConnectionId connection);
  /// A response did not reach the caller: a call answered just now is nobody's.
  void on_undelivered();
  void on_timeout(common::Instant now);

  /// True if a 2xx went to the caller of this INVITE.
  bool has_answered() const noexcept { return answered_.has_value(); }

  transaction::Timer next_timeout() const;
  bool is_done() const noexcept;
  /// True once nobody needs this process for it any more: the caller has its answer, and a failure of INVITE its ACK.
  /// Until it is done it only absorbs repeats.
  bool is_answered() const noexcept;

  const RequestContext& context() const noexcept { return *context_; }

 private:
  struct Branch {
    enum class State : std::uint8_t { Offering, Running, Accepted, Abandoned, Finished };
    Target target;
    unsigned place = 0;
    unsigned attempt = 0;
    State state = State::Offering;
    Forwarded sent;
    transaction::TransactionId client;
    std::string media_branch;                // what the relay knows this branch by; empty: it was not asked
    std::optional<std::string> relayed_sdp;  // the offer as it leaves the relay
    bool alive = false;                      // any provisional response
    bool rang = false;                       // one other than 100: from then on nobody else may ring
    bool is_late = false;                    // without a sign of life when one was due
    bool timed_out = false;                  // timer C
    bool media_failed = false;               // not the target's fault: the next one would not do better
    bool is_replaced = false;       // by a branch over another flow of the same user agent, or by a redirection
    std::set<std::string> hung_up;  // To tags of late answers that got their BYE
    transaction::Timer provisional_deadline;
    transaction::Timer ring_deadline;
    TrunkCredentials credentials;
    TrunkOutcome outcome;
    std::optional<sip::Message> final_response;  // 3xx to 6xx, theirs or ours
    bool is_local = false;                       // ours
    bool is_unreachable = false;
    bool was_silent = false;  // or unreachable: the next target may do better
  };
  using Index = std::size_t;
  /// A response on its way upstream; the relay's answer about it may still be missing.
  struct Queued {
    sip::Message response;
    bool ready = false;
    std::optional<TeardownBlob> dialog = {};  // that this 2xx to an INVITE is about
  };
  using QueuedPtr = std::shared_ptr<Queued>;  // shared with the relay request that completes it

  bool is_invite() const noexcept { return context_->request.is("INVITE"); }
  bool is_first_invite() const noexcept { return is_invite() && !context_->is_in_dialog(); }
  bool carries_media() const noexcept;
  SealedMedia sealed_media() const;
  Onward onward(const Branch& branch) const;

  void start_group();
  void launch(Index index);
  bool is_remembered(const Branch& branch) const;
  void ask_relay(Index index);
  void on_offered(Index index, media::RelayIndex relay, const MediaExchange::Outcome& outcome);
  void send(Index index);
  bool answer_challenge(Index index, const sip::Message& response);

  void on_provisional(Index index, const sip::Message& response, const common::IpAddress& source);
  void on_success(Index index, const sip::Message& response, const common::IpAddress& source);
  void on_failure(Index index, const sip::Message& response);
  void on_late(Index index, const sip::Message& response);
  bool try_other_flow(Index index);
  bool follow_redirect(Index index, const sip::Message& response);
  void on_redirected(Index index, std::vector<std::vector<Target>> groups);
  void fail(Index index, int status, std::string_view reason);
  void on_branch_timeout(Index index, common::Instant now);
  void give_up_on(Index index);
  void pass_over_late();
  void pass_over_group();
  void abandon(Index index, std::string_view reason);
  void cancel_others(std::optional<Index> except, std::string_view reason);
  void discard_offer(Branch& branch);

  void settle();
  bool may_fail_over() const;
  bool leaves_the_next(const Branch& branch) const;
  void end_setup();
  void respond_failure();
  sip::Message upstream_failure(const Branch& branch, const sip::Message& response);

  /// Our parts taken out of a response, RFC 3261 §16.7 steps 3 and 8.
  sip::Message homeward(const Branch& branch, const sip::Message& response);
  TeardownBlob dialog_of(const Branch& branch, const sip::Message& response) const;
  void enqueue(Index index, const sip::Message& response, const common::IpAddress& source);
  void describe(Index index, const sip::Message& response, const common::IpAddress& source, const QueuedPtr& slot);
  void on_described(Index index, const QueuedPtr& slot, const MediaExchange::Outcome& outcome);
  void flush();

  Branch* find(transaction::TransactionId client, Index& index);
  sip::Message local_response(int status, std::string_view reason) const;
  common::Instant now() const { return services_.now(); }

  ContextPtr context_;
  Services& services_;
  ForwardingOwner& owner_;
  MediaExchange media_;
  std::vector<media::RelayIndex> relays_;  // in the order to try
  std::size_t relay_ = 0;
  bool relay_is_fixed_ = false;  // a branch has been offered, or the dialog has its relay
  std::vector<Branch> branches_;
  std::size_t next_group_ = 0;
  std::size_t group_begin_ = 0;
  std::size_t live_clients_ = 0;
  std::size_t pending_ = 0;            // relay requests in flight
  std::size_t lookups_ = 0;            // of contacts that a 3xx has named
  transaction::Timer setup_deadline_;  // no target has rung, and none is tried after it
  transaction::Timer group_deadline_;  // from then on the next devices of the user ring instead
  bool setup_is_over_ = false;
  bool cancelled_ = false;
  bool accepted_ = false;  // a 2xx went upstream, or waits for the relay
  bool final_sent_ = false;
  bool server_ended_ = false;
  std::optional<TeardownBlob> answered_;  // the dialog of the last 2xx to an INVITE
  std::deque<QueuedPtr> queue_;
};

}  // namespace proxy::core
