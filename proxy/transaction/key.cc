#include "proxy/transaction/key.h"

#include <initializer_list>
#include <string_view>

namespace proxy::transaction {

namespace {

/// No part can hold a line feed: the parser refuses control characters.
Key join(std::initializer_list<std::string_view> parts) {
  Key key;
  for (const std::string_view part : parts) key.text.append(part).append("\n");
  return key;
}

/// RFC 2543 peers: the ACK of a failure carries the To tag of the response and CANCEL none, so only requests that stand
/// for themselves are told apart by it.
Key old_key(const sip::Message& request, const sip::CSeq& cseq, std::string_view method) {
  const std::string to_tag = method == "INVITE" ? std::string{} : request.to_tag();
  return join({method, request.request_uri(), to_tag, request.from_tag(), request.call_id(),
               std::to_string(cseq.number), request.get("Via")});
}

std::optional<Key> key_as(const sip::Message& request, std::string_view method) {
  const auto via = request.top_via();
  const auto cseq = request.cseq();
  if (!via || !cseq) return std::nullopt;
  const std::string_view branch = via->branch();
  const bool magic = branch.starts_with(sip::kMagicCookie) && branch.size() > sip::kMagicCookie.size();
  if (!magic) return old_key(request, *cseq, method);
  return join({method, branch, via->sent_by()});
}

}  // namespace

std::optional<Key> server_key(const sip::Message& request) {
  return key_as(request, request.method() == "ACK" ? "INVITE" : std::string_view{request.method()});
}

std::optional<Key> cancelled_key(const sip::Message& cancel) { return key_as(cancel, "INVITE"); }

std::optional<Key> client_key(const sip::Message& message) {
  const auto via = message.top_via();
  const auto cseq = message.cseq();
  if (!via || !cseq || via->branch().empty()) return std::nullopt;
  return join({cseq->method, via->branch()});
}

}  // namespace proxy::transaction
