#include "relay/ice/binding.h"

#include "relay/stun/message_writer.h"

namespace relay::ice {
namespace {

using stun::MessageClass;
using stun::MessageWriter;

MessageWriter answer(const stun::MessageView& request, MessageClass message_class) {
  return MessageWriter(message_class, stun::kBinding, request.transaction_id());
}

}  // namespace

common::Bytes write_check(const stun::TransactionId& id, const Credentials& local, const Credentials& remote,
                          const CheckFacts& facts) {
  MessageWriter writer(MessageClass::Request, stun::kBinding, id);
  writer.username(remote.ufrag + ":" + local.ufrag).priority(facts.priority);
  if (facts.controlling) {
    writer.controlling(facts.tie_breaker);
  } else {
    writer.controlled(facts.tie_breaker);
  }
  if (facts.nominating) writer.use_candidate();
  return writer.finish(remote.password);
}

common::Bytes write_success(const stun::MessageView& request, const common::SocketAddress& source,
                            std::string_view password) {
  return answer(request, MessageClass::Success).xor_mapped_address(source).finish(password);
}

common::Bytes write_role_conflict(const stun::MessageView& request, std::string_view password) {
  return answer(request, MessageClass::Error).error_code(stun::kRoleConflict, "Role Conflict").finish(password);
}

common::Bytes write_unknown_attributes(const stun::MessageView& request, std::string_view password) {
  return answer(request, MessageClass::Error)
      .error_code(stun::kUnknownAttribute, "Unknown Attribute")
      .unknown_attributes(request.unknown_required())
      .finish(password);
}

common::Bytes write_refusal(const stun::MessageView& request, std::uint16_t code) {
  return answer(request, MessageClass::Error)
      .error_code(code, code == stun::kBadRequest ? "Bad Request" : "Unauthenticated")
      .finish();
}

}  // namespace relay::ice
