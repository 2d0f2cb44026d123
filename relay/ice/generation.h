#pragma once

#include <array>
#include <deque>
#include <optional>
#include <vector>

#include "common/crypto/random.h"
#include "common/time/instant.h"
#include "relay/ice/binding.h"
#include "relay/ice/check_list.h"
#include "relay/ice/consent.h"
#include "relay/ice/ice_agent.h"
#include "relay/ice/plan.h"
#include "relay/stun/message_view.h"

namespace relay::ice {

/// ICE under one set of credentials: from the first check to the selected pairs and their consent. An ICE restart makes
/// a new one; the agent joins the two. Internal to this folder.
class Generation {
 public:
  Generation(Plan plan, common::crypto::Random& random, common::Instant now);

  const Credentials& local() const noexcept { return plan_.local; }
  const std::optional<Credentials>& remote() const noexcept { return plan_.remote; }

  /// More of the same exchange: credentials that were missing, candidates, a dropped component.
  void update(const Plan& plan, common::Instant now);
  /// A check whose user name and integrity are good.
  void on_request(const stun::MessageView& request, Component component, const common::SocketAddress& remote,
                  common::Instant now);
  /// False: not an answer to any check of this generation.
  bool on_response(const stun::MessageView& response, Component component, const common::SocketAddress& remote,
                   common::Instant now);
  void on_timeout(common::Instant now);
  std::optional<AgentOutput> poll_output();
  std::optional<common::Instant> next_timeout() const noexcept;

  bool is_validated(Component component, const common::SocketAddress& remote) const noexcept;
  std::optional<common::SocketAddress> selected(Component component) const noexcept;
  bool has_selected() const noexcept { return selections_[0] || selections_[1]; }
  IceAgent::State state() const noexcept;

  /// A newer generation takes over: no more checks but those of consent.
  void retire() noexcept;
  /// The newer one has selected a pair of this component.
  void release(Component component) noexcept { selection(component).reset(); }

 private:
  static constexpr std::size_t kMaxRemembered = 16;

  struct Selection {
    common::SocketAddress remote;
    Consent consent;
    common::Instant nominated_at;
  };
  struct IncomingCheck {
    Component component;
    common::SocketAddress remote;
    std::uint32_t priority;
    bool use_candidate;
  };
  struct Validated {
    Component component;
    common::SocketAddress remote;
  };

  std::optional<Selection>& selection(Component c) noexcept { return selections_[static_cast<std::size_t>(c) - 1]; }
  const std::optional<Selection>& selection(Component c) const noexcept {
    return selections_[static_cast<std::size_t>(c) - 1];
  }
  bool full() const noexcept { return !plan_.lite; }
  bool checks_allowed() const noexcept { return full() && !retired_ && plan_.remote.has_value(); }

  void begin(common::Instant now);
  void add_candidates(const std::vector<Candidate>& candidates);
  void drop_missing_components(const Plan& plan);
  const Candidate* local_for(Component component, common::IpAddress::Family family) const noexcept;
  std::uint32_t local_priority(Component component, const common::SocketAddress& remote) const noexcept;
  bool has_component(Component component) const noexcept;
  bool needs(Component component) const noexcept;
  void select_without_checks(common::Instant now);

  bool role_agreed(const stun::MessageView& request);
  void switch_role(bool controlling);
  void remember(const IncomingCheck& check);
  void note_validated(Component component, const common::SocketAddress& remote);
  void take(const IncomingCheck& check, common::Instant now);
  void check_back(Pair& pair, common::Instant now);

  void on_success(Pair& pair, common::Instant now);
  void on_error(Pair& pair, std::uint16_t code);
  bool on_consent_response(const stun::MessageView& response, Component component, const common::SocketAddress& remote,
                           common::Instant now);

  std::array<bool, 2> unsettled() const noexcept;
  bool has_work() const noexcept;
  void send_next_check(common::Instant now);
  void start_check(Pair& pair, common::Instant now);
  void repeat_checks(common::Instant now);
  void nominate(Component component, common::Instant now);
  std::optional<common::Instant> nomination_due(Component component) const noexcept;
  void select(Pair& pair, common::Instant now);
  void lose_consent(Component component);
  void ask_consent(Component component, common::Instant now);
  void give_up(common::Instant now);
  void send(Component component, const common::SocketAddress& remote, common::Bytes bytes);
  CheckFacts facts_for(Component component, const common::SocketAddress& remote, bool nominating) const noexcept;
  stun::TransactionId new_id();

  Plan plan_;
  common::crypto::Random* random_;
  bool retired_ = false;
  bool failed_ = false;
  bool was_connected_ = false;
  CheckList list_;
  std::array<std::optional<Selection>, 2> selections_;
  std::array<std::optional<common::Instant>, 2> first_valid_;
  std::vector<IncomingCheck> remembered_;  // came before the remote credentials
  std::deque<Validated> validated_;        // latest first
  common::Instant next_pace_;
  std::optional<common::Instant> give_up_at_;
  std::deque<AgentOutput> outputs_;
};

}  // namespace relay::ice
