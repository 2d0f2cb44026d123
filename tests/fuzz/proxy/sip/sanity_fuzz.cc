#include "proxy/sip/sanity.h"

#include "common/base/bytes.h"
#include "common/base/invariant.h"
#include "proxy/sip/derive.h"
#include "proxy/sip/source.h"

using proxy::sip::Message;

namespace {

/// Nobody can be answered with something that is no SIP. A list that came in one line may be written as one; read
/// again, it is several values and stays so.
void must_be_sip(const Message& message) {
  const auto once = Message::parse(message.to_string());
  INVARIANT(once, "what we make of a message is a message");
  const auto twice = Message::parse(once->to_string());
  INVARIANT(twice && twice->to_string() == once->to_string(), "and does not change any more");
}

/// What check() promises to everything behind it.
void use(Message message) {
  INVARIANT(message.top_via() && message.cseq() && message.from() && message.to(), "a sane message has its fields");
  INVARIANT(!message.call_id().empty(), "and a Call-ID");
  if (!message.is_request()) return;
  INVARIANT(message.cseq()->method == message.method(), "its CSeq names its method");
  const auto source = *common::SocketAddress::parse("198.51.100.7:1024");
  proxy::sip::stamp_source(message, source);
  INVARIANT(proxy::sip::response_address(message, source).ip == source.ip, "responses go where the request came from");
  const auto response = Message::response_to(message, 486, "Busy Here", "tag");
  must_be_sip(message);
  must_be_sip(response);
  must_be_sip(proxy::sip::make_ack_for_failure(message, response));
  must_be_sip(proxy::sip::make_cancel(message, "SIP;cause=200"));
}

}  // namespace

/// Bytes as a transport framed them go the way of every message: parsed and checked, then used or refused.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = common::as_text({data, size});
  const auto message = Message::parse(bytes);
  if (!message) {
    if (const auto answer = proxy::sip::refusal(bytes, message.error())) must_be_sip(*answer);
    return 0;
  }
  const auto fault = proxy::sip::check(*message);
  if (!fault) {
    use(*message);
  } else if (const auto answer = proxy::sip::refusal(*message, *fault)) {
    INVARIANT(answer->status() == fault->status, "the answer says what is wrong");
    must_be_sip(*answer);
  }
  return 0;
}
