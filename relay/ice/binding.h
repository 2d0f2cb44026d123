#pragma once

#include <span>
#include <string_view>

#include "common/base/bytes.h"
#include "common/net/address.h"
#include "relay/ice/candidate.h"
#include "relay/stun/message_view.h"

namespace relay::ice {

/// A Binding request as ICE sends it, RFC 8445 §7.2.2.
struct CheckFacts {
  std::uint32_t priority = 0;
  std::uint64_t tie_breaker = 0;
  bool controlling = false;
  bool nominating = false;
};
common::Bytes write_check(const stun::TransactionId& id, const Credentials& local, const Credentials& remote,
                          const CheckFacts& facts);

/// Answers to `request`; authenticated ones under our own password.
common::Bytes write_success(const stun::MessageView& request, const common::SocketAddress& source,
                            std::string_view password);
common::Bytes write_role_conflict(const stun::MessageView& request, std::string_view password);
common::Bytes write_unknown_attributes(const stun::MessageView& request, std::string_view password);
/// 400 or 401: nobody is authenticated, so neither is the answer.
common::Bytes write_refusal(const stun::MessageView& request, std::uint16_t code);

}  // namespace relay::ice
