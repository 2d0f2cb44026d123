#include "proxy/core/proxy_core.h"

#include <algorithm>

#include "common/base/overload.h"
#include "common/log/log.h"
#include "proxy/core/cseq_room.h"
#include "proxy/core/hop.h"
#include "proxy/core/route_set.h"
#include "proxy/core/session_timer.h"

/// The events of the transaction table, and what becomes of a request once the stages have let it pass.
namespace proxy::core {
namespace {

constexpr std::size_t kTagBytes = 8;

std::string attempt_key(const sip::Message& request, std::uint32_t invite) {
  return std::string{request.call_id()} + '\n' + request.from_tag() + '\n' + std::to_string(invite);
}

/// The CSeq number of the INVITE that an ACK or PRACK belongs to, else its own.
std::uint32_t invite_number(const sip::Message& request) {
  const auto cseq = request.cseq();
  return acknowledged_cseq(request).value_or(cseq ? cseq->number : 0);
}

/// RFC 3261 §16.11 allows to forget a request where nothing of it has to be remembered: no SDP, nothing for the relay
/// to do, no challenge to answer, nobody to be named otherwise, and equal reliability on both sides (else a repeat
/// would be lost or made twice).
bool may_be_stateless(const RequestContext& context, const Settings& settings) {
  if (!context.is_in_dialog() || context.targets.size() != 1) return false;
  const sip::Message& request = context.request;
  if (request.is("INVITE") || request.is("BYE") || request.has_sdp() || request.has_unclear_sdp()) return false;
  if (spreads_cseq(*context.dialog)) return false;
  if (!context.dialog->cookie.caller_uri.empty()) return false;
  if (settings.session_expires != 0 && concerns_session(request)) return false;  // its response may need our word
  return transport::is_reliable(context.flow.kind) == transaction::is_reliable(context.targets[0][0].hop);
}

}  // namespace

ProxyCore::ProxyCore(Services services)
    : services_(std::move(services)), own_requests_(services_), trunk_probes_(services_) {}

void ProxyCore::on_event(transaction::Event event) {
  std::visit(common::Overload{[](transaction::event::Transmit&) {},
                              [this](transaction::event::Request& e) { on_request(std::move(e)); },
                              [this](transaction::event::Cancel& e) { on_cancel(e); },
                              [this](transaction::event::Ack& e) { on_ack(std::move(e)); },
                              [this](transaction::event::Response& e) { on_response(e); },
                              [this](transaction::event::Stray& e) { on_stray(std::move(e)); },
                              [this](transaction::event::Undelivered& e) { on_undelivered(e.id); },
                              [this](transaction::event::Ended& e) { on_ended(e); }},
             event);
}

/// Every stage has been passed: the request has targets.
void ProxyCore::go_on(const ContextPtr& context) {
  leave_stages(context);
  if (context->dialog) recall_invite(*context);
  if (context->server.value == 0) return forward_ack(context);
  if (context->request.is("CANCEL") || may_be_stateless(*context, services_.settings)) {
    ++counters_.stateless_requests;
    services_.table.discard(context->server);
    return send_stateless(*context, 0, std::nullopt);
  }
  if (!context->is_in_dialog() && context->request.is("INVITE")) {
    common::log::info("call.routed", {{"call_id", context->request.call_id()},
                                      {"rule", context->rule},
                                      {"trunk", context->trunk},
                                      {"user", common::log::Redacted{context->user}},
                                      {"targets", context->targets.size()}});
  }
  auto forwarding = std::make_shared<Forwarding>(context, services_, *this);
  forwardings_.emplace(context->server, forwarding);
  watch(context->server, context->flow.connection);
  forwarding->start();
}

/// Remembered while the INVITE's transaction lives; after that the cookie knows it of the INVITE that opened the
/// dialog.
void ProxyCore::recall_invite(RequestContext& context) const {
  const DialogCookie& cookie = context.dialog->cookie;
  const auto known = invites_.find(attempt_key(context.request, invite_number(context.request)));
  const bool is_known = known != invites_.end();
  context.answers_late_offer = context.request.is("PRACK") &&
                               (is_known ? known->second.late_offer : context.is_from_caller() && cookie.late_offer);
  if (!spreads_cseq(*context.dialog)) return;
  context.invite_attempt = is_known ? known->second.attempt : context.is_from_caller() ? cookie.attempt : 0;
}

void ProxyCore::send_stateless(const RequestContext& context, unsigned attempt, const std::optional<std::string>& sdp) {
  const Target& target = context.targets[0][0];
  auto forwarded = forward(context,
                           {.target = target,
                            .attempt = attempt,
                            .media = context.dialog ? context.dialog->cookie.media : SealedMedia{},
                            .credentials = {}},
                           services_);
  if (!forwarded) return;
  if (sdp) forwarded->message.set_sdp(*sdp);
  transmit(services_, target.hop, forwarded->message.to_string());
}

void ProxyCore::on_cancel(const transaction::event::Cancel& event) {
  const bool known = event.invite.value != 0;
  // Inside a dialog the INVITE may run on the other node of a pair; its cookie leads to it.
  if (!known && !event.request.to_tag().empty()) return on_request({event.id, event.request, event.flow});
  ++counters_.requests["CANCEL"];
  const sip::Message response =
      sip::Message::response_to(event.request, known ? 200 : 481, known ? "OK" : "Call/Transaction Does Not Exist",
                                services_.random.hex(kTagBytes));
  services_.table.respond(event.id, response, services_.now());
  if (!known) return;
  if (const auto forwarding = find(event.invite)) return forwarding->on_cancel(event.request.get("Reason"));
  const auto walking = walking_.find(event.invite);
  if (walking == walking_.end()) return;
  const ContextPtr context = walking->second;
  leave_stages(context);
  reject(*context, {487, "Request Terminated"});
}

void ProxyCore::drain() {
  draining_ = true;
  std::vector<transaction::TransactionId> servers;
  for (const auto& [server, forwarding] : forwardings_) servers.push_back(server);
  for (const transaction::TransactionId server : servers) flow_waits_.end(server);  // who is away cannot come back here
}

std::size_t ProxyCore::busy() const noexcept {
  const auto unanswered =
      std::ranges::count_if(forwardings_, [](const auto& entry) { return !entry.second->is_answered(); });
  return walking_.size() + static_cast<std::size_t>(unanswered) + own_requests_.running();
}

std::shared_ptr<Forwarding> ProxyCore::find(transaction::TransactionId server) const {
  const auto found = forwardings_.find(server);
  return found == forwardings_.end() ? nullptr : found->second;
}

void ProxyCore::on_response(const transaction::event::Response& event) {
  if (own_requests_.on_response(event.id, event.response)) return;
  if (trunk_probes_.on_response(event.id, event.response)) return;
  const auto server = servers_.find(event.id);
  if (server == servers_.end()) return;
  if (const auto forwarding = find(server->second)) {
    forwarding->on_response(event.id, event.response, event.flow.remote.ip);
  }
}

void ProxyCore::on_undelivered(transaction::TransactionId server) {
  const auto forwarding = find(server);
  if (forwarding == nullptr) return;
  if (!forwarding->has_answered() || draining_) return forwarding->on_undelivered();
  if (!flow_waits_.contains(server)) return_answer(server, services_.now() + kFlowReturn);  // a repeat waits no longer
}

/// A caller that was connected when it called has gone before the answer came; it may be back already, or soon.
void ProxyCore::return_answer(transaction::TransactionId server, common::Instant until) {
  const auto forwarding = find(server);
  if (forwarding == nullptr) return;
  const Peer& caller = forwarding->context().sender;
  if (caller.by != Peer::By::FlowId) return forwarding->on_undelivered();
  resolve(caller, services_, [this, server, until, owner = caller.owner](std::optional<transaction::Hop> hop) {
    if (hop && services_.table.redirect(server, std::move(*hop))) return;
    const auto give_up = [this, server] {
      if (const auto running = find(server)) running->on_undelivered();
    };
    if (!flow_waits_.add(server, {owner, until, [this, server, until] { return_answer(server, until); }, give_up})) {
      give_up();
    }
  });
}

void ProxyCore::on_ended(const transaction::event::Ended& event) {
  if (own_requests_.on_ended(event.id) || trunk_probes_.on_ended(event.id)) return;
  if (const auto server = servers_.find(event.id); server != servers_.end()) {
    const auto forwarding = find(server->second);
    servers_.erase(server);
    if (forwarding != nullptr) forwarding->on_client_ended(event.id, event.why);
  } else if (const auto waiting = find(event.id)) {
    waiting->on_server_ended();
  }
}

void ProxyCore::on_connection_closed(const transport::Flow& flow) {
  std::vector<transaction::TransactionId> servers;
  for (auto at = watched_.lower_bound({flow.connection, {}}); at != watched_.end() && at->first == flow.connection;
       ++at) {
    servers.push_back(at->second);
  }
  for (const transaction::TransactionId server : servers) {
    const auto forwarding = find(server);
    if (forwarding == nullptr) continue;
    const RequestContext& context = forwarding->context();
    const bool waits = context.request.is("INVITE") && !context.is_in_dialog() && transport::is_websocket(flow.kind);
    if (waits && context.flow.connection == flow.connection) {
      forwarding->on_cancel("SIP ;cause=480 ;text=\"Caller disconnected\"");
    }
    forwarding->on_callee_gone(flow.connection);
  }
}

bool ProxyCore::on_teardown(std::string_view text) {
  const auto blob = open_teardown_blob(services_.keys.sealer, text);
  const auto is_here = [this](const Peer& peer) { return services_.listeners.has(peer.listener, peer.kind); };
  if (!blob || !is_here(blob->caller.peer) || !is_here(blob->callee.peer)) return false;
  ++counters_.teardowns;
  common::log::info("call.torn_down", {{"call_id", blob->call_id}});
  own_requests_.end_both(*blob);
  return true;
}

void ProxyCore::on_timeout(common::Instant now) {
  for (const transaction::TransactionId id : timers_.expire(now)) {
    if (const auto forwarding = find(id)) forwarding->on_timeout(now);
  }
  flow_waits_.on_timeout(now);
  trunk_probes_.on_timeout(now);
}

void ProxyCore::adopt(transaction::TransactionId client, transaction::TransactionId server,
                      const transaction::Hop& hop) {
  servers_[client] = server;
  if (const auto* flow = std::get_if<transport::Flow>(&hop)) watch(server, flow->connection);
}

void ProxyCore::watch(transaction::TransactionId server, transport::ConnectionId connection) {
  if (connection == transport::ConnectionId{}) return;  // datagrams have none
  if (watched_.emplace(connection, server).second) watchers_.emplace(server, connection);
}

void ProxyCore::unwatch(transaction::TransactionId server) {
  const auto [begin, end] = watchers_.equal_range(server);
  for (auto at = begin; at != end; ++at) watched_.erase({at->second, server});
  watchers_.erase(begin, end);
}

void ProxyCore::touched(transaction::TransactionId server) {
  const auto found = forwardings_.find(server);
  if (found == forwardings_.end()) return;
  const Forwarding& forwarding = *found->second;
  if (forwarding.is_done()) {
    timers_.cancel(server);
    flow_waits_.end(server);
    unwatch(server);
    const sip::Message& request = forwarding.context().request;
    if (request.is("INVITE")) invites_.erase(attempt_key(request, invite_number(request)));
    forwardings_.erase(server);
    return;
  }
  if (const auto next = forwarding.next_timeout()) {
    timers_.schedule(server, *next);
  } else {
    timers_.cancel(server);
  }
}

void ProxyCore::hang_up(const TeardownBlob& dialog, bool bye) { own_requests_.end_callee(dialog, bye); }

void ProxyCore::note_attempt(const sip::Message& invite, unsigned attempt) {
  invites_[attempt_key(invite, invite_number(invite))] = {attempt, !invite.has_sdp()};
}

}  // namespace proxy::core
