#include <algorithm>
#include <array>

#include "common/base/encoding.h"
#include "common/base/overload.h"
#include "common/crypto/digest.h"
#include "common/log/log.h"
#include "proxy/core/branch.h"
#include "proxy/core/proxy_core.h"
#include "proxy/sip/source.h"
#include "proxy/stage/stages.h"

/// A request's way through the stages, and its rejection there.
namespace proxy::core {
namespace {

constexpr std::size_t kTagBytes = 8;
constexpr std::array<std::string_view, 14> kMethods{"INVITE",   "ACK",   "BYE",     "CANCEL", "OPTIONS",
                                                    "REGISTER", "INFO",  "UPDATE",  "PRACK",  "SUBSCRIBE",
                                                    "NOTIFY",   "REFER", "MESSAGE", "PUBLISH"};

std::string counted_method(const std::string& method) {
  return std::ranges::find(kMethods, method) != kMethods.end() ? method : "other";
}

/// Request-URI and Route as a loop detector compares them.
std::string routing_fields(const sip::Message& request) {
  std::string fields = request.request_uri();
  for (const std::string& route : request.all("Route")) fields.append("\n").append(route);
  return fields;
}

/// The same for a repeat of the request, RFC 3261 §8.2.7.
std::string own_tag(const RequestContext& context, const Keys& keys) {
  const auto mac = common::crypto::hmac_sha256(
      keys.branch,
      common::as_bytes("tag\n" + std::string{context.request.call_id()} + received_branch(context.request)));
  return common::hex_encode(common::ByteSpan{mac}.first(kTagBytes));
}

bool is_unproven(const RequestContext& context) {
  return context.user.empty() && !context.is_from_trunk() && !context.is_in_dialog() &&
         !transport::is_reliable(context.flow.kind);
}

}  // namespace

ContextPtr ProxyCore::make_context(transaction::TransactionId server, sip::Message request,
                                   const transport::Flow& flow) {
  auto context = std::make_shared<RequestContext>();
  context->server = server;
  context->request = std::move(request);
  context->flow = flow;
  context->loop = loop_hash(services_.keys.branch, routing_fields(context->request));
  ++counters_.requests[counted_method(context->request.method())];
  return context;
}

void ProxyCore::on_request(transaction::event::Request event) {
  const ContextPtr context = make_context(event.id, std::move(event.request), event.flow);
  if (draining_ && forms_dialog(context->request)) {
    return reject(*context, {503, "Going Out Of Service", {{"Retry-After", "5"}}});
  }
  walking_.emplace(event.id, context);
  walk(context, 0);
}

void ProxyCore::walk(const ContextPtr& context, std::size_t stage) {
  if (stage == stage::kStages.size()) return go_on(context);
  context->on_resume = [this, context, stage](Verdict verdict) { step(context, stage, std::move(verdict)); };
  step(context, stage, stage::kStages[stage].run(context, services_));
}

void ProxyCore::step(const ContextPtr& context, std::size_t stage, Verdict verdict) {
  std::visit(common::Overload{[&](Continue) { walk(context, stage + 1); },
                              [&](const Reject& reason) {
                                leave_stages(context);
                                reject(*context, reason);
                              },
                              [&](const AwaitUser& wait) { await_user(context, stage, wait); }, [](Suspend) {},
                              [&](Finished) {
                                leave_stages(context);
                                if (context->request.is("REGISTER")) flow_waits_.wake(context->sender.owner);
                              }},
             verdict);
}

void ProxyCore::await_user(const ContextPtr& context, std::size_t stage, const AwaitUser& wait) {
  const auto give_up = [this, context, otherwise = wait.otherwise] {
    leave_stages(context);
    reject(*context, otherwise);
  };
  if (context->server.value == 0) return give_up();  // nobody waits for what becomes of an ACK
  if (!context->wait_until) context->wait_until = services_.now() + kFlowReturn;
  const auto ask_again = [this, context, stage] { walk(context, stage); };
  if (!flow_waits_.add(context->server, {wait.owner, *context->wait_until, ask_again, give_up})) give_up();
}

void ProxyCore::leave_stages(const ContextPtr& context) {
  context->on_resume = nullptr;
  flow_waits_.cancel(context->server);
  walking_.erase(context->server);
}

void ProxyCore::reject(const RequestContext& context, const Reject& reason) {
  ++counters_.rejected[static_cast<std::size_t>(std::clamp(reason.status / 100, 0, 6))];
  common::log::debug("request.rejected", {{"method", context.request.method()},
                                          {"status", reason.status},
                                          {"reason", reason.reason},
                                          {"call_id", context.request.call_id()},
                                          {"source", context.flow.remote.to_string()}});
  if (context.server.value == 0) {
    ++counters_.dropped_acks;
    return;
  }
  sip::Message response =
      sip::Message::response_to(context.request, reason.status, reason.reason, own_tag(context, services_.keys));
  for (const auto& [name, value] : reason.headers) response.append(name, value);
  if (is_unproven(context)) return reject_stateless(context, response);
  services_.table.respond(context.server, response, services_.now());
}

/// Whoever may have a forged source gets one datagram for one, and no memory of ours, RFC 3261 §26.3.2.4.
void ProxyCore::reject_stateless(const RequestContext& context, const sip::Message& response) {
  services_.table.discard(context.server);
  transport::Flow back = context.flow;
  back.remote = sip::response_address(context.request, context.flow.remote);
  services_.sender.send(back, response.to_string(), 0);
}

}  // namespace proxy::core
