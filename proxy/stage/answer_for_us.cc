#include "proxy/sip/name_addr.h"
#include "proxy/stage/stages.h"

namespace proxy::stage {
namespace {

constexpr std::string_view kAllow =
    "INVITE, ACK, CANCEL, BYE, OPTIONS, REGISTER, INFO, UPDATE, PRACK, REFER, NOTIFY, MESSAGE";

void answer_options(const ContextPtr& context, Services& services) {
  sip::Message response = sip::Message::response_to(context->request, 200, "OK", services.random.hex(8));
  response.append("Allow", kAllow);
  response.append("Accept", "application/sdp");
  response.append("Supported", "path, outbound");
  services.table.respond(context->server, response, services.now());
}

}  // namespace

/// A request for the proxy itself: OPTIONS is a sign of life, the rest has nobody here.
Verdict answer_for_us(const ContextPtr& context, Services& services) {
  if (context->is_in_dialog() || context->is_at_edge) return core::Continue{};
  const auto uri = sip::Uri::parse(context->request.request_uri());
  if (!uri) return core::Reject{400, "Unreadable Request-URI"};
  const bool is_number = uri->scheme == "tel";
  if (!is_number && !services.listeners.serves(*uri)) return core::Reject{404, "Not Served Here"};
  if (!uri->plain_user().empty()) return core::Continue{};
  if (!context->request.is("OPTIONS")) return core::Reject{404, "Not Found"};
  answer_options(context, services);
  return core::Finished{};
}

}  // namespace proxy::stage
