#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "proxy/core/branch.h"
#include "proxy/core/dialog_cookie.h"
#include "proxy/core/peer.h"
#include "proxy/core/target.h"
#include "proxy/routing/router.h"
#include "proxy/sip/message.h"
#include "proxy/transaction/table.h"
#include "proxy/transport/flow.h"

namespace proxy::core {

/// What a request without Max-Breadth starts with, RFC 5393 §5.3.3.
inline constexpr unsigned kMaxBreadth = 60;

/// The next stage may look at the request.
struct Continue {};
/// Answer with a failure.
struct Reject {
  int status = 500;
  std::string reason;
  std::vector<std::pair<std::string, std::string>> headers = {};
};
/// The stage is asked again when this user has registered; if that takes too long, `otherwise` is the answer.
struct AwaitUser {
  std::uint32_t owner = 0;  // owner_of_user()
  Reject otherwise;
};
/// The stage calls RequestContext::resume(), now or later.
struct Suspend {};
/// The stage has answered, or nobody is to be answered.
struct Finished {};
using Verdict = std::variant<Continue, Reject, AwaitUser, Suspend, Finished>;

/// One request on its way through the stages: what it is, and what they have found out.
struct RequestContext {
  transaction::TransactionId server;  // 0: ACK
  sip::Message request;               // Via stamped with its source
  transport::Flow flow;
  LoopHash loop = 0;  // of Request-URI and Route as received

  Peer sender;                   // as the cookies of its dialog will remember it
  std::string user;              // whose identity is proven; empty: nobody's
  std::string preferred_number;  // as which a proven user asks to appear (RFC 3325 §9.2); empty: nothing
  std::string trunk;             // name of the trunk it came from; empty: none

  std::string cookie_text;                   // userinfo of our own Route, taken off the request
  std::optional<OpenedDialogCookie> dialog;  // of a request inside a dialog
  unsigned invite_attempt = 0;               // of an ACK or PRACK: how often the INVITE it names was challenged
  bool answers_late_offer = false;           // a PRACK whose INVITE had no SDP: the callee has offered, RFC 3262 §5

  std::vector<std::vector<Target>> targets;  // groups one after another, targets of a group at once
  bool is_at_edge = false;                   // between a registrar behind us and its user agents: passed as it is
  bool more_targets = false;                 // further groups are still looked for; then on_targets is called
  std::function<void()> on_targets;          // set while somebody waits for them
  unsigned breadth = kMaxBreadth;            // how many of them may be forwarded to at once
  routing::MediaPolicy media;
  std::string rule;  // the route that matched, for logs

  transaction::Timer wait_until;           // of the first AwaitUser
  std::function<void(Verdict)> on_resume;  // set while a stage runs
  /// Ends the wait of the stage that gave Suspend; once only.
  void resume(Verdict verdict) {
    if (const auto go_on = std::exchange(on_resume, nullptr)) go_on(std::move(verdict));
  }

  /// Who opened the dialog sends, or opens it now.
  bool is_from_caller() const noexcept { return !dialog || dialog->direction == Direction::FromCaller; }
  bool is_in_dialog() const noexcept { return dialog.has_value(); }
  bool is_from_trunk() const noexcept { return !trunk.empty(); }
};
using ContextPtr = std::shared_ptr<RequestContext>;  // shared by the chain of stages and what a stage waits for

}  // namespace proxy::core
