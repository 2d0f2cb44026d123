#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "control-protocol/client/client.h"
#include "control-protocol/message/reply.h"
#include "control-protocol/message/request.h"
#include "proxy/media/leg_policy.h"

namespace proxy::media {

/// The dialog and transaction that an SDP travels in. In ng the from-tag is always the party that offered.
struct Dialog {
  std::string call_id;
  std::string offerer_tag;
  std::string answerer_tag;  // empty: nobody has answered yet
  std::string via_branch;    // of our request that opened this exchange
};

/// An SDP and where the SIP message with it came from.
struct Description {
  std::string_view sdp;
  common::IpAddress source;
};

ng::Request make_offer(const Dialog& dialog, const Description& description, ng::Flags flags);
ng::Request make_answer(const Dialog& dialog, const Description& description, ng::Flags flags);
/// Ends the branch (or, in a running dialog, the offer) of `via_branch`; without one the whole call of the offerer.
ng::Request make_delete(const Dialog& dialog);

/// The address of the session's first connection line, RFC 8866 §5.7; nullopt: a name, or none.
std::optional<common::IpAddress> connection_address(std::string_view sdp);

/// True if every media section that is in use (RFC 3264 §6) is SRTP: by its profile, or by keys offered under plain
/// RTP's (RFC 8643).
bool is_encrypted(std::string_view sdp);

/// True for a phone whose SDP names a private address other than `source`.
bool is_behind_nat(const Description& description, core::Leg leg);

/// How SIP speaks of a relay that has refused or is silent, RFC 3261 §21.
struct Refusal {
  int status = 503;
  std::string reason;
  bool try_next = false;  // another relay may do it
};
Refusal refusal_of(ng::ClientError error);
Refusal refusal_of(const ng::Reply& reply);

}  // namespace proxy::media
