#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/time/instant.h"
#include "control-protocol/message/request.h"
#include "relay/negotiation/exchange.h"
#include "relay/session/plan.h"

namespace relay::control {

/// A caller and one callee it reached, or may reach: a call that is forked has several.
struct Fork {
  /// A request that has been answered, so that its repeat changes nothing.
  struct Done {
    std::string sdp;
    ng::Flags flags;
    std::string reply;
  };

  std::string caller_tag;
  std::string callee_tag;  // empty until somebody answered
  std::string via_branch;  // of the request that opened it

  std::optional<negotiation::Pair> established;  // offerer: the caller
  std::optional<negotiation::Pair> offered;      // after the last offer; each answer to it starts from here
  bool offered_by_callee = false;
  bool answered = false;  // the last offer has an answer
  std::string offer_branch;
  std::optional<Done> last_offer;
  std::optional<Done> last_answer;

  bool pending() const noexcept { return offered && !answered; }
  const negotiation::Pair& latest() const noexcept { return established ? *established : *offered; }
};

/// One call by its Call-ID, on one shard. Knows parties, forks and what is offered; the shard knows packets.
/// In every request the from-tag is the party that offered, whichever way it went in SIP.
class Call {
 public:
  Call(std::string id, session::SessionId session, std::size_t shard, std::string cname, common::WallTime created)
      : id_(std::move(id)),
        session_(session),
        shard_(shard),
        cname_(std::move(cname)),
        created_(created),
        last_signal_(created) {}

  const std::string& id() const noexcept { return id_; }
  session::SessionId session() const noexcept { return session_; }
  std::size_t shard() const noexcept { return shard_; }
  common::WallTime created() const noexcept { return created_; }
  common::WallTime last_signal() const noexcept { return last_signal_; }
  void on_signal(common::WallTime now) noexcept { last_signal_ = now; }
  const std::vector<Fork>& forks() const noexcept { return forks_; }

  /// A refused offer or answer changes nothing: what runs goes on.
  [[nodiscard]] negotiation::Exchanged offer(const ng::Request& request, negotiation::Environment& environment);
  [[nodiscard]] negotiation::Exchanged answer(const ng::Request& request, negotiation::Environment& environment);

  enum class Removed : std::uint8_t { Nothing, Part, All };
  /// Removes what tags and branch name: an offer in a running dialog, a branch, or (without any) the whole call.
  Removed remove(const ng::Request& request);

  /// The whole wanted state of the session. The first plan that names a leg carries its sockets.
  session::SessionPlan plan(const negotiation::Environment& environment, common::Duration media_timeout) const;

  std::string teardown_blob;
  std::vector<common::SocketAddress> teardown_to;

 private:
  void keep_teardown(const ng::Request& request);
  Fork* find_offered(const ng::Request& request) noexcept;
  Fork* find_answered(const ng::Request& request) noexcept;
  Fork open_fork(const ng::Request& request) const;
  const Fork* leading() const noexcept;

  std::string id_;
  session::SessionId session_;
  std::size_t shard_;
  std::string cname_;
  common::WallTime created_;
  common::WallTime last_signal_;
  std::vector<Fork> forks_;
  std::size_t current_ = 0;  // the fork that was answered last: it hears the caller
};

}  // namespace relay::control
