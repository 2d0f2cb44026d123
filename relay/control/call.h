#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/time/instant.h"
#include "control-protocol/message/request.h"
#include "relay/negotiation/exchange.h"
#include "relay/session/plan.h"

namespace relay::control {

/// A caller and one callee it reached, or may reach: a call that is forked downstream has several.
struct Fork {
  std::string caller_tag;
  std::string callee_tag;  // empty until somebody answered
  std::string via_branch;
  std::optional<negotiation::Pair> established;  // offerer: the caller
  std::optional<negotiation::Pair> pending;      // an offer without its answer yet
  bool pending_from_callee = false;
  std::string last_answer_sdp;  // what was answered last, so that a repeat gives the same
  std::string last_answer_reply;
};

/// One call by its Call-ID, on one shard. Knows parties, forks and what is offered; the shard knows packets.
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

  negotiation::Exchanged offer(const ng::Request& request, negotiation::Environment& environment);
  negotiation::Exchanged answer(const ng::Request& request, negotiation::Environment& environment);
  /// Removes what the tags and the branch name; true if nothing of the call is left. Without any it is the whole call.
  bool remove(const ng::Request& request);

  /// The whole wanted state of the session.
  session::SessionPlan plan(const negotiation::Environment& environment, common::Duration media_timeout) const;

  std::string teardown_blob;
  std::vector<common::SocketAddress> teardown_to;

 private:
  Fork* find(const ng::Request& request) noexcept;
  Fork& open_fork(const ng::Request& request);
  const negotiation::Side* caller_side(const std::string& tag) const noexcept;

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
