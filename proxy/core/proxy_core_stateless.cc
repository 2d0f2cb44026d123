#include <algorithm>

#include "common/base/text.h"
#include "common/log/log.h"
#include "proxy/core/cseq_room.h"
#include "proxy/core/hop.h"
#include "proxy/core/identity.h"
#include "proxy/core/proxy_core.h"
#include "proxy/core/route_set.h"
#include "proxy/sip/name_addr.h"

/// What passes without a transaction: the ACK to a 2xx, and responses that nobody here waits for.
namespace proxy::core {
namespace {

constexpr std::chrono::seconds kStrayTime{40};  // beyond the time of ringing
constexpr std::uint32_t kClockSkew = 30;        // seconds, between the nodes of a pair

/// Our own Record-Route value in a response, by its cookie.
struct OwnRoute {
  std::string text;
  DialogCookie cookie;
  bool sips = false;
};
std::optional<OwnRoute> find_own_route(const sip::Message& response, const Services& services) {
  for (const std::string& value : response.all("Record-Route")) {
    const auto address = sip::NameAddr::parse(value);
    if (!address) continue;
    auto opened = open_dialog_cookie(services.keys.sealer, address->uri.user, response.call_id(), response.from_tag(),
                                     response.to_tag());
    if (opened && opened->direction == Direction::FromCaller)
      return OwnRoute{address->uri.user, std::move(opened->cookie), address->uri.scheme == "sips"};
  }
  return std::nullopt;
}

void seal_for_caller(sip::Message& response, const ViaCookie& via, const Services& services) {
  const std::string callee_tag = response.to_tag();
  if (callee_tag.empty() || response.status() >= 300) return;
  auto own = find_own_route(response, services);
  if (!own) return;
  own->cookie.time = services.unix_seconds();
  own->cookie.attempt = via.attempt;
  own->cookie.callee_tag = services.keys.hash_of(callee_tag);
  // What was the caller's own URI is now the one that the callee answers to; the response gets the other one back.
  if (const auto seen = response.from(); seen && !own->cookie.caller_uri.empty()) {
    sip::NameAddr from = *seen;
    if (auto known = sip::Uri::parse(own->cookie.caller_uri)) from.uri = std::move(*known);
    from.display.clear();
    response.set("From", from.to_string());
    own->cookie.caller_uri = seen->uri.to_string();
  }
  const std::string sealed =
      seal_dialog_cookie(services.keys.sealer, own->cookie, response.call_id(), response.from_tag());
  replace_record_route(response, own->text,
                       record_route(services.listeners.at(via.inbound.listener), sealed, own->sips));
}

/// A datagram to an address goes where the Via below says, which the cookie's MAC has covered.
transaction::Hop way_home(transaction::Hop hop, const sip::Message& response) {
  auto* destination = std::get_if<transport::Destination>(&hop);
  const auto via = response.top_via();
  if (destination == nullptr || !via || transport::is_reliable(destination->kind)) return hop;
  const auto ip = common::IpAddress::parse(via->params.has("received") ? via->params.get("received") : via->host);
  if (!ip) return hop;
  const auto port = common::parse_number<std::uint16_t>(via->params.get("rport"));
  destination->remote = {*ip, {port.value_or(via->port != 0 ? via->port : sip::kPort)}};
  return hop;
}

/// Nobody answers a request of long ago, or one that was sent under another configuration.
bool is_valid(const ViaCookie& cookie, const Services& services) {
  const auto longest = std::chrono::ceil<std::chrono::seconds>(services.settings.ringing) + kStrayTime;
  const std::uint32_t now = services.unix_seconds();
  return now <= cookie.time + longest.count() && cookie.time <= now + kClockSkew &&
         services.listeners.has(cookie.inbound.listener, cookie.inbound.kind);
}

/// Its request was sent by another process, which may still be there.
bool is_awaited_elsewhere(const ViaCookie& cookie, std::uint32_t boot) {
  return cookie.boot != 0 && cookie.boot != boot;
}

bool is_trunk(std::uint32_t owner, const trunk::TrunkTable& trunks) {
  return std::ranges::any_of(trunks.all(), [owner](const auto& trunk) { return owner_of_trunk(trunk.name) == owner; });
}

/// What was sent to a trunk is answered from the trunk's addresses.
bool may_answer(const ViaCookie& cookie, const common::IpAddress& source, const trunk::TrunkTable& trunks) {
  if (!is_trunk(cookie.next_owner, trunks)) return true;
  return std::ranges::any_of(trunks.all(), [&](const auto& trunk) {
    return owner_of_trunk(trunk.name) == cookie.next_owner && trunks.owns(trunk, source);
  });
}

bool is_invite_failure(const sip::Message& response) {
  const auto cseq = response.cseq();
  return response.status() >= 300 && cseq && cseq->method == "INVITE";
}

}  // namespace

void ProxyCore::on_ack(transaction::event::Ack event) {
  if (auto stray = stray_failures_.acknowledge(event.ack, services_.now())) {
    return transmit(services_, std::move(stray->flow), stray->message.to_string());
  }
  walk(make_context({}, std::move(event.ack), event.flow), 0);
}

void ProxyCore::forward_ack(const ContextPtr& context) {
  if (!context->is_in_dialog()) {
    ++counters_.dropped_acks;
    return;
  }
  const unsigned attempt = context->invite_attempt;
  const SealedMedia& media = context->dialog->cookie.media;
  if (media.relayed && context->request.has_unclear_sdp()) context->request.remove_body();  // never past the relay
  if (!context->request.has_sdp() || !media.relayed) return send_stateless(*context, attempt, std::nullopt);
  MediaExchange(*context, services_)
      .complete(media.relay, context->targets[0][0], [this, context, attempt](const MediaExchange::Outcome& outcome) {
        if (outcome) return send_stateless(*context, attempt, *outcome);
        common::log::info("call.media_failed",
                          {{"call_id", context->request.call_id()}, {"reason", outcome.error().reason}});
        context->request.remove_body();  // never past the relay
        send_stateless(*context, attempt, std::nullopt);
      });
}

void ProxyCore::on_stray(transaction::event::Stray event) {
  ++counters_.stray_responses;
  sip::Message response = std::move(event.response);
  const auto own = response.top_via();
  const auto values = response.all("Via");
  const auto cookie = own && values.size() > 1
                          ? open_via_cookie(services_.keys.sealer, own->params.get("ck"), values[1], response.call_id())
                          : std::nullopt;
  if (!cookie || !is_valid(*cookie, services_) ||
      !may_answer(*cookie, event.flow.remote.ip, services_.administration.trunks)) {
    ++counters_.refused_responses;
    return;
  }
  if (is_awaited_elsewhere(*cookie, services_.settings.boot) && services_.hand_over &&
      services_.hand_over({cookie->boot}, event.flow, response.to_string())) {
    return;
  }
  if (response.status() == 100) return;  // between two hops only, RFC 3261 §16.7 step 5
  if (is_invite_failure(response)) stray_failures_.note(response, event.flow, services_.now());
  if (cookie->cseq_room) join_cseq(response);
  response.remove_first("Via");
  if (!is_believed(cookie->next_owner, services_.administration.trunks)) remove_claims(response);
  if (cookie->inbound.leg != Leg::Trunk) withhold_identity(response);
  if (cookie->media.relayed && response.has_unclear_sdp()) {
    ++counters_.refused_responses;
    return;
  }
  seal_for_caller(response, *cookie, services_);
  const bool has_media = cookie->media.relayed && response.has_sdp();
  resolve(cookie->inbound, services_,
          [this, cookie = *cookie, has_media, branch = std::string{own->branch()}, response = std::move(response),
           source = event.flow.remote.ip](std::optional<transaction::Hop> hop) {
            if (!hop) return;
            const transaction::Hop home = way_home(std::move(*hop), response);
            if (!has_media) return transmit(services_, home, response.to_string());
            describe_stray(services_, cookie, branch, response, source,
                           [this, home, response](const MediaExchange::Outcome& outcome) {
                             if (!outcome) return;
                             sip::Message described = response;
                             described.set_sdp(*outcome);
                             transmit(services_, home, described.to_string());
                           });
          });
}

}  // namespace proxy::core
