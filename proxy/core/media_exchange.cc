#include "proxy/core/media_exchange.h"

#include "common/log/log.h"
#include "proxy/core/hop.h"
#include "proxy/core/route_set.h"

namespace proxy::core {
namespace {

void ask(Services& services, media::RelayIndex relay, const ng::Request& request, MediaExchange::Done done) {
  services.relays.ask(relay, request, [call_id = request.call_id, done = std::move(done)](const auto& result) {
    if (!result) return done(common::Err{media::refusal_of(result.error())});
    if (result->succeeded()) return done(result->text("sdp"));
    common::log::info("media.refused", {{"call_id", call_id}, {"reason", result->error_reason}});
    done(common::Err{media::refusal_of(*result)});
  });
}

/// Why a description of this end goes no further; also where the relay would not look.
std::optional<media::Refusal> refusal_of_clear(const media::Party& sender, const routing::MediaPolicy& policy,
                                               std::string_view sdp) {
  if (!media::must_encrypt(sender, policy) || media::is_encrypted(sdp)) return std::nullopt;
  return media::Refusal{488, "Encryption Required", false};
}

void forget(const common::Result<ng::Reply, ng::ClientError>&) {}

media::Party party_of(const Target& target) {
  return {target.peer.leg, kind_of(target.hop), target.trunk ? &*target.trunk : nullptr, false};
}

}  // namespace

media::Party party_of(const Peer& peer, const trunk::TrunkTable& trunks) {
  return {peer.leg, peer.kind, trunk_of(peer, trunks), false};
}

media::Party MediaExchange::sender_party() const { return party_of(context_.sender, services_.administration.trunks); }

void MediaExchange::offer(media::RelayIndex relay, const Target& target, const std::string& via_branch,
                          Done done) const {
  const sip::Message& request = context_.request;
  const media::Description description{request.sdp(), context_.flow.remote.ip};
  media::Party sender = sender_party();
  sender.behind_nat = media::is_behind_nat(description, sender.leg);
  if (auto refusal = refusal_of_clear(sender, context_.media, description.sdp)) return done(common::Err{*refusal});
  const media::Dialog dialog{std::string{request.call_id()}, request.from_tag(), request.to_tag(), via_branch};
  ask(services_, relay,
      media::make_offer(dialog, description,
                        media::offer_flags(sender, party_of(target), context_.media, context_.is_from_caller())),
      std::move(done));
}

void MediaExchange::describe(media::RelayIndex relay, const Target& target, const std::string& via_branch,
                             const sip::Message& response, const common::IpAddress& source,
                             const std::optional<std::string>& teardown_blob, Done done) const {
  const bool is_answer = context_.request.has_sdp();
  const media::Description description{response.sdp(), source};
  media::Party callee = party_of(target);
  callee.behind_nat = media::is_behind_nat(description, callee.leg);
  if (auto refusal = refusal_of_clear(callee, context_.media, description.sdp)) return done(common::Err{*refusal});
  const media::Party caller = sender_party();
  const std::string caller_tag = context_.request.from_tag();
  const std::string callee_tag = response.to_tag();
  const std::string call_id{response.call_id()};
  ng::Request request =
      is_answer ? media::make_answer({call_id, caller_tag, callee_tag, via_branch}, description,
                                     media::answer_flags(callee, caller, context_.media))
                : media::make_offer({call_id, callee_tag, caller_tag, via_branch}, description,
                                    media::offer_flags(callee, caller, context_.media, !context_.is_from_caller()));
  if (teardown_blob && services_.settings.teardown) {
    request.teardown_blob = *teardown_blob;
    request.teardown_to = {*services_.settings.teardown};
  }
  ask(services_, relay, request, std::move(done));
}

void MediaExchange::discard(media::RelayIndex relay, const std::string& via_branch) const {
  const sip::Message& request = context_.request;
  const bool in_dialog = !request.to_tag().empty();
  // rtpengine knows no offer that is taken back: it would end the call.
  if (in_dialog && services_.relays.boot(relay) == 0) return;
  services_.relays.ask(
      relay, media::make_delete({std::string{request.call_id()}, request.from_tag(), request.to_tag(), via_branch}),
      forget);
}

void end_media(const RequestContext& context, media::RelayIndex relay, const std::string& to_tag, Services& services) {
  const sip::Message& request = context.request;
  services.relays.ask(relay, media::make_delete({std::string{request.call_id()}, request.from_tag(), to_tag, {}}),
                      forget);
}

void end_media(const RequestContext& context, Services& services) {
  const SealedMedia& media = context.dialog->cookie.media;
  if (!media.relayed || !relay_remembers(media, services.relays)) return;
  end_media(context, media.relay, context.request.to_tag(), services);
}

void MediaExchange::complete(media::RelayIndex relay, const Target& target, Done done) const {
  const sip::Message& ack = context_.request;
  const media::Description description{ack.sdp(), context_.flow.remote.ip};
  media::Party sender = sender_party();
  sender.behind_nat = media::is_behind_nat(description, sender.leg);
  if (auto refusal = refusal_of_clear(sender, context_.media, description.sdp)) return done(common::Err{*refusal});
  ask(services_, relay,
      media::make_answer({std::string{ack.call_id()}, ack.to_tag(), ack.from_tag(), {}}, description,
                         media::answer_flags(sender, party_of(target), context_.media)),
      std::move(done));
}

void describe_stray(Services& services, const ViaCookie& cookie, std::string_view via_branch,
                    const sip::Message& response, const common::IpAddress& source, MediaExchange::Done done) {
  if (!relay_remembers(cookie.media, services.relays)) {
    return done(common::Err{media::Refusal{503, "Media Relay Has Restarted", false}});
  }
  const trunk::TrunkTable& trunks = services.administration.trunks;
  const routing::MediaPolicy policy = policy_of(cookie.media, services.administration.router);
  const media::Description description{response.sdp(), source};
  media::Party callee;
  if (const trunk::Trunk* trunk = trunks.by_source(source)) {
    callee.leg = Leg::Trunk;
    callee.trunk = trunk;
  }
  callee.behind_nat = media::is_behind_nat(description, callee.leg);
  if (auto refusal = refusal_of_clear(callee, policy, description.sdp)) return done(common::Err{*refusal});
  const media::Party caller = party_of(cookie.inbound, trunks);
  const std::string call_id{response.call_id()};
  const std::string branch{via_branch};
  ask(services, cookie.media.relay,
      cookie.sdp == ViaCookie::Sdp::Offer
          ? media::make_answer({call_id, response.from_tag(), response.to_tag(), branch}, description,
                               media::answer_flags(callee, caller, policy))
          : media::make_offer({call_id, response.to_tag(), response.from_tag(), branch}, description,
                              media::offer_flags(callee, caller, policy, cookie.from_callee)),
      std::move(done));
}

}  // namespace proxy::core
