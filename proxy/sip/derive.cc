#include "proxy/sip/derive.h"

#include <string>

namespace proxy::sip {

namespace {

Message derive(std::string_view method, const Message& invite, std::string_view to) {
  Message message = Message::request(method, invite.request_uri());
  message.append("Via", invite.get("Via"));
  for (const std::string& route : invite.all("Route")) message.append("Route", route);
  message.append("Max-Forwards", "70");
  message.append("From", invite.get("From"));
  message.append("To", to);
  message.append("Call-ID", invite.call_id());
  const auto cseq = invite.cseq();
  message.append("CSeq", std::to_string(cseq ? cseq->number : 0).append(" ").append(method));
  return message;
}

}  // namespace

Message make_ack_for_failure(const Message& invite, const Message& response) {
  return derive("ACK", invite, response.get("To"));
}

Message make_cancel(const Message& invite, std::string_view reason) {
  Message cancel = derive("CANCEL", invite, invite.get("To"));
  if (!reason.empty()) cancel.append("Reason", reason);
  return cancel;
}

}  // namespace proxy::sip
