#include "proxy/core/forward.h"

#include <algorithm>
#include <array>

#include "common/base/text.h"
#include "proxy/auth/digest.h"
#include "proxy/core/branch.h"
#include "proxy/core/caller.h"
#include "proxy/core/cseq_room.h"
#include "proxy/core/dialog_cookie.h"
#include "proxy/core/flow_token.h"
#include "proxy/core/identity.h"
#include "proxy/core/route_set.h"
#include "proxy/core/session_timer.h"
#include "proxy/sip/name_addr.h"

namespace proxy::core {
namespace {

constexpr int kMaxForwards = 70;
constexpr std::array<std::string_view, 3> kDialogForming{"INVITE", "SUBSCRIBE", "REFER"};

void count_hop(sip::Message& message) {
  const auto left = common::parse_number<int>(message.get("Max-Forwards"));
  message.set("Max-Forwards", std::to_string(left ? std::max(*left - 1, 0) : kMaxForwards));
}

void set_routes(sip::Message& message, const RequestContext& context, const Target& target) {
  if (context.is_in_dialog()) return;  // what is left of the dialog's route set stays
  message.remove("Route");
  for (const std::string& route : target.routes) message.append("Route", route);
}

/// A next hop without `lr` is a strict router: it takes the Request-URI for its own, RFC 3261 §16.6 step 6.
void yield_to_strict_router(sip::Message& message) {
  const std::string* top = message.find("Route");
  const auto next = top != nullptr ? sip::NameAddr::parse(*top) : std::nullopt;
  if (!next || next->uri.params.has("lr")) return;
  const std::string target = '<' + message.request_uri() + '>';
  message.set_request_uri(next->uri.to_string());
  message.remove_first("Route");
  message.append("Route", target);
}

/// The cookie of a dialog that is there already, as its callee's or its caller's end gets it.
std::string cookie_again(const RequestContext& context, const Services& services) {
  const bool from_caller = context.is_from_caller();
  const std::string from_tag = context.request.from_tag();
  const std::string to_tag = context.request.to_tag();
  DialogCookie cookie = context.dialog->cookie;
  cookie.callee_tag = services.keys.hash_of(from_caller ? to_tag : from_tag);
  return seal_dialog_cookie(services.keys.sealer, cookie, context.request.call_id(), from_caller ? from_tag : to_tag);
}

/// The flow over which a user agent registers with somebody else through us, RFC 3327 §5.2 and RFC 5626 §5.1.
std::string path(const RequestContext& context, const Onward& onward, const Services& services) {
  const std::string token =
      seal_flow_token(services.keys.sealer, {context.sender, owner_of_trunk(onward.target.trunk->name)});
  std::string value = record_route(services.listeners.at(egress_of(onward.target.hop)), token, false);
  return value.insert(value.size() - 1, ";ob");
}

/// Proofs for us are nobody else's, RFC 3261 §22.3; user agents repeat them even in an ACK.
void remove_own_credentials(sip::Message& message, const std::string& realm) {
  const auto values = message.all("Proxy-Authorization");
  if (values.empty()) return;
  message.remove("Proxy-Authorization");
  for (const std::string& value : values) {
    const auto credentials = auth::parse_credentials(value);
    if (credentials && credentials->realm != realm) message.append("Proxy-Authorization", value);
  }
}

/// Depth of the spiral: one more than the deepest Via of ours.
unsigned spiral_depth(const sip::Message& request) {
  unsigned depth = 0;
  for (const std::string& value : request.all("Via")) {
    const auto via = sip::Via::parse(value);
    const auto loop = via ? read_branch(via->branch()) : std::nullopt;
    if (loop) depth = std::max(depth, loop->depth + 1);
  }
  return depth;
}

std::string target_text(const Target& target) {
  std::string text = target.request_uri + '\n' + remote_of(target.hop).to_string() + '\n' + target.peer.flow_id;
  for (const std::string& route : target.routes) text.append("\n").append(route);
  if (target.trunk) text.append("\n").append(target.trunk->name);
  return text;
}

std::string branch_for(const RequestContext& context, const Onward& onward, const Services& services) {
  const sip::Message& request = context.request;
  const auto via = request.top_via();
  const auto cseq = request.cseq();
  const std::string received = received_branch(request);
  const std::string sent_by = via ? via->sent_by() : std::string{};
  const std::string from_tag = request.from_tag();
  const std::string target = target_text(onward.target);
  const BranchInput input{.received = received,
                          .sent_by = sent_by,
                          .call_id = request.call_id(),
                          .from_tag = from_tag,
                          .cseq = cseq ? cseq->number : 0,
                          .attempt = onward.attempt,
                          .target = target};
  return make_branch(services.keys.branch, input, context.loop, spiral_depth(request));
}

/// Responses to a request over a trunk's own connection go back over it, RFC 3261 §18.2.2.
Peer way_back(const RequestContext& context, std::uint32_t boot) {
  Peer peer = context.sender;
  if (peer.leg != Leg::Trunk || !transport::is_reliable(context.flow.kind)) return peer;
  peer.by = Peer::By::Connection;
  peer.kind = context.flow.kind;
  peer.listener = context.flow.listener;
  peer.connection = context.flow.connection;
  peer.boot = boot;
  return peer;
}

ViaCookie via_cookie(const RequestContext& context, const Onward& onward, const Services& services) {
  ViaCookie cookie;
  cookie.inbound = way_back(context, services.settings.boot);
  cookie.time = services.unix_seconds();
  cookie.egress = egress_of(onward.target.hop);
  cookie.next_owner = onward.target.peer.owner;
  cookie.media = onward.media;
  cookie.cseq_room = makes_cseq_room(context, onward.target);
  cookie.from_callee = !context.is_from_caller();
  cookie.sdp = context.request.has_sdp() ? ViaCookie::Sdp::Offer : ViaCookie::Sdp::None;
  cookie.attempt = static_cast<std::uint8_t>(onward.attempt);
  cookie.target = static_cast<std::uint8_t>(onward.place);
  cookie.boot = services.settings.boot;
  return cookie;
}

void add_via(sip::Message& message, const RequestContext& context, const Onward& onward, const std::string& branch,
             const Services& services) {
  const Listener& listener = services.listeners.at(egress_of(onward.target.hop));
  sip::Via via;
  via.transport = via_transport(kind_of(onward.target.hop));
  via.host = listener.advertised.ip.to_uri_host();
  via.port = listener.advertised.port.value;
  via.params.set("branch", branch);
  via.params.set("rport");
  via.params.set("ck", seal_via_cookie(services.keys.sealer, via_cookie(context, onward, services),
                                       context.request.get("Via"), context.request.call_id()));
  message.prepend("Via", via.to_string());
}

}  // namespace

bool forms_dialog(const sip::Message& request) {
  return request.to_tag().empty() && std::ranges::find(kDialogForming, request.method()) != kDialogForming.end();
}

bool records_route(const sip::Message& request) {
  return forms_dialog(request) || (request.is("NOTIFY") && !request.to_tag().empty());
}

bool makes_cseq_room(const RequestContext& context, const Target& target) {
  return context.is_in_dialog() ? spreads_cseq(*context.dialog) : needs_cseq_room(target.trunk);
}

std::string received_branch(const sip::Message& request) {
  const auto via = request.top_via();
  if (via && via->branch().starts_with(sip::kMagicCookie)) return std::string{via->branch()};
  std::string fields = request.request_uri() + '\n' + request.to_tag() + '\n' + request.from_tag() + '\n';
  return fields.append(request.call_id()).append("\n").append(request.get("Via"));
}

DialogCookie dialog_cookie(const RequestContext& context, const Onward& onward, const Services& services,
                           std::uint32_t callee_tag) {
  DialogCookie cookie;
  cookie.time = services.unix_seconds();
  cookie.media = onward.media;
  cookie.room_to_callee = needs_cseq_room(onward.target.trunk);
  if (const auto* trunk = services.administration.trunks.find(context.trunk)) {
    cookie.room_to_caller = needs_cseq_room(*trunk);
  }
  cookie.late_offer = context.request.is("INVITE") && !context.request.has_sdp();
  cookie.attempt = static_cast<std::uint8_t>(callee_tag != 0 ? onward.attempt : 0);
  cookie.caller = context.sender;
  cookie.callee = onward.target.peer;
  cookie.callee_tag = callee_tag;
  cookie.caller_uri = sealed_caller_uri(context, onward.target, services, callee_tag != 0);
  return cookie;
}

std::optional<Forwarded> forward(const RequestContext& context, const Onward& onward, const Services& services) {
  Forwarded forwarded;
  sip::Message& message = forwarded.message = context.request;
  message.set_request_uri(onward.target.request_uri);
  set_routes(message, context, onward.target);
  yield_to_strict_router(message);
  count_hop(message);
  ask_for_session(message, services.settings.session_expires);
  if (!context.is_in_dialog()) message.set("Max-Breadth", std::to_string(onward.breadth));
  if (!onward.target.trunk) withhold_identity(message);
  remove_own_credentials(message, services.settings.realm);
  show_caller(message, context, onward.target, services);
  onward.credentials.add_to(message);
  if (makes_cseq_room(context, onward.target) && !spread_cseq(message, onward.attempt, context.invite_attempt)) {
    return std::nullopt;
  }
  if (context.is_at_edge && context.request.is("REGISTER")) {
    message.prepend("Path", path(context, onward, services));
  }
  if (records_route(context.request)) {
    const std::string cookie =
        context.is_in_dialog() ? cookie_again(context, services)
                               : seal_dialog_cookie(services.keys.sealer, dialog_cookie(context, onward, services, 0),
                                                    message.call_id(), message.from_tag());
    if (!context.is_in_dialog()) forwarded.cookie = cookie;
    message.prepend("Record-Route", record_route(services.listeners.at(egress_of(onward.target.hop)), cookie,
                                                 sip::is_sips(context.request.request_uri())));
  }
  forwarded.branch = branch_for(context, onward, services);
  add_via(message, context, onward, forwarded.branch, services);
  return forwarded;
}

}  // namespace proxy::core
