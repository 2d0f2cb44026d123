#include "proxy/registrar/register_request.h"
#include "proxy/stage/credentials.h"
#include "proxy/stage/stages.h"

namespace proxy::stage {
namespace {

void answer(const ContextPtr& context, Services& services, const registrar::RegisterReply& reply) {
  sip::Message response =
      sip::Message::response_to(context->request, reply.status, reply.reason, services.random.hex(8));
  for (const auto& [name, value] : reply.headers) response.append(name, value);
  services.table.respond(context->server, response, services.now());
}

}  // namespace

/// RFC 3261 §10.3. Only the user itself may change its bindings.
Verdict register_user(const ContextPtr& context, Services& services) {
  const sip::Message& request = context->request;
  if (!request.is("REGISTER") || context->is_at_edge) return core::Continue{};
  const auto uri = sip::Uri::parse(request.request_uri());
  if (!uri || !services.listeners.serves(*uri)) return core::Reject{404, "Not Served Here"};
  Proof proof = check_credentials(*context, services, Asked::ByServer);
  if (auto* reject = std::get_if<core::Reject>(&proof)) return std::move(*reject);
  const std::string& user = std::get<std::string>(proof);
  const auto to = request.to();
  if (!to || to->uri.plain_user() != user || !services.listeners.serves(to->uri)) {
    return core::Reject{403, "Not Your Address"};
  }
  context->sender.owner = core::owner_of_user(user);
  auto parsed = registrar::read_register(request, services.listeners.address_of_record(user), context->flow);
  if (!parsed) return core::Reject{400, std::string{parsed.error()}};
  services.registrar.on_register(std::move(*parsed), services.now(), services.wall(),
                                 [context, &services](const registrar::RegisterReply& reply) {
                                   answer(context, services, reply);
                                   context->resume(core::Finished{});
                                 });
  return core::Suspend{};
}

}  // namespace proxy::stage
