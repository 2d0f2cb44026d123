#include "proxy/core/caller.h"

#include <algorithm>
#include <array>
#include <optional>

#include "common/base/text.h"
#include "proxy/core/identity.h"
#include "proxy/sip/name_addr.h"

namespace proxy::core {
namespace {

using sip::NameAddr;
using trunk::CallerPolicy;

constexpr std::string_view kNowhere = "anonymous.invalid";
constexpr std::string_view kNobody = "sip:anonymous@anonymous.invalid";

/// What a new request says of its caller, and what its trunk is to see of him.
struct Caller {
  NameAddr from;
  std::string own;       // number or name behind From
  std::string asserted;  // the one that is vouched for
  bool wants_privacy = false;
};

bool has_privacy(const sip::Message& request, std::string_view type) {
  const auto types = common::split(request.get("Privacy"), ';');
  return std::ranges::any_of(types, [&](auto known) { return common::iequals(common::trim(known), type); });
}

std::optional<Caller> caller_of(const RequestContext& context) {
  auto from = context.request.from();
  if (!from) return std::nullopt;
  Caller caller;
  const auto believed = NameAddr::parse(context.request.get("P-Asserted-Identity"));
  caller.asserted = !context.user.empty() ? context.user
                    : believed            ? believed->uri.plain_user()
                                          : from->uri.plain_user();
  caller.own = is_anonymous(from->uri) ? caller.asserted : from->uri.plain_user();
  caller.wants_privacy =
      is_anonymous(from->uri) || has_privacy(context.request, "id") || has_privacy(context.request, "user");
  caller.from = std::move(*from);
  return caller;
}

sip::Uri uri_of(const std::string& number, const std::string& host, const trunk::Trunk& trunk) {
  sip::Uri uri;
  uri.user = sip::escape_user(number);
  uri.host = host;
  if (trunk.user_phone && routing::looks_like_number(number)) uri.params.set("user", "phone");
  return uri;
}

NameAddr nobody(NameAddr from) {
  from.display = "\"Anonymous\"";
  from.uri = *sip::Uri::parse(kNobody);
  return from;
}

std::string number_for(const trunk::Trunk& trunk, const std::string& own, const RequestContext& context,
                       const Services& services) {
  return trunk::shown_number(trunk.caller, {own, context.preferred_number}, services.administration.router.plan());
}

/// From as the trunk is to see it; nullopt: as it is.
std::optional<NameAddr> seen_from(const Caller& caller, const RequestContext& context, const trunk::Trunk& trunk,
                                  const Services& services) {
  const std::string number = number_for(trunk, caller.own, context, services);
  const bool is_hidden = number.empty() || (caller.wants_privacy && trunk.caller.anonymise);
  if (is_hidden) return nobody(caller.from);
  if (is_anonymous(caller.from.uri)) return std::nullopt;
  NameAddr from = caller.from;
  const std::string host = !trunk.from_domain.empty() ? trunk.from_domain
                           : from.uri.is_sip()        ? from.uri.host
                                                      : services.listeners.domain();
  const bool keeps_number = number == caller.own && from.uri.is_sip();
  if (!keeps_number) {
    from.uri = uri_of(number, host, trunk);
    const auto& plan = services.administration.router.plan();
    if (number != routing::formatted(caller.own, trunk.caller.format, plan)) from.display.clear();
  } else if (!trunk.from_domain.empty()) {
    from.uri.host = host;
    from.uri.port = 0;
  }
  if (keeps_number && trunk.user_phone && routing::looks_like_number(number)) from.uri.params.set("user", "phone");
  if (from.uri == caller.from.uri) return std::nullopt;
  return from;
}

void assert_identity(sip::Message& message, const Caller& caller, const RequestContext& context,
                     const trunk::Trunk& trunk, const Services& services) {
  const std::string number = number_for(trunk, caller.asserted, context, services);
  const bool is_nobody = number.empty();
  if (trunk.caller.identity != CallerPolicy::Identity::Pass || is_nobody) remove_claims(message);
  const bool is_private = caller.wants_privacy || is_nobody;
  const bool says_so = has_privacy(message, "id") || has_privacy(message, "none");
  if (is_private && !says_so && trunk.caller.identity != CallerPolicy::Identity::None) message.append("Privacy", "id");
  if (is_nobody) return;
  const std::string host = trunk.from_domain.empty() ? services.listeners.domain() : trunk.from_domain;
  const std::string address = '<' + uri_of(number, host, trunk).to_string() + '>';
  switch (trunk.caller.identity) {
    case CallerPolicy::Identity::Asserted:
      return message.append("P-Asserted-Identity", address);
    case CallerPolicy::Identity::RemoteParty:
      return message.append("Remote-Party-ID",
                            address + ";party=calling;screen=yes;privacy=" + std::string{is_private ? "full" : "off"});
    case CallerPolicy::Identity::Pass:
    case CallerPolicy::Identity::None:
      return;
  }
}

/// The URI in From (or To) of a request inside a dialog, as its receiver knows the caller.
void replace_uri(sip::Message& message, std::string_view field, const std::string& uri) {
  auto party = NameAddr::parse(message.get(field));
  auto known = sip::Uri::parse(uri);
  if (!party || !known) return;
  party->display = is_anonymous(*known) ? "\"Anonymous\"" : "";
  party->uri = std::move(*known);
  message.set(field, party->to_string());
}

void show_new_caller(sip::Message& message, const RequestContext& context, const Target& target,
                     const Services& services) {
  const auto caller = caller_of(context);
  if (!caller || !target.trunk) return;
  if (const auto from = seen_from(*caller, context, *target.trunk, services)) message.set("From", from->to_string());
  assert_identity(message, *caller, context, *target.trunk, services);
}

}  // namespace

bool is_anonymous(const sip::Uri& uri) noexcept { return uri.host == kNowhere; }

void show_caller(sip::Message& message, const RequestContext& context, const Target& target, const Services& services) {
  if (!context.is_in_dialog()) return show_new_caller(message, context, target, services);
  const DialogCookie& cookie = context.dialog->cookie;
  if (cookie.caller_uri.empty()) return;
  if (!context.is_from_caller()) return replace_uri(message, "To", cookie.caller_uri);
  if (cookie.callee_tag != 0) return replace_uri(message, "From", cookie.caller_uri);
  // The caller got the callee's cookie: our own Record-Route was lost on its way back.
  const auto caller = caller_of(context);
  const auto seen = caller && target.trunk ? seen_from(*caller, context, *target.trunk, services) : std::nullopt;
  if (seen) message.set("From", seen->to_string());
}

std::string sealed_caller_uri(const RequestContext& context, const Target& target, const Services& services,
                              bool for_caller) {
  const auto caller = caller_of(context);
  const auto seen = caller && target.trunk ? seen_from(*caller, context, *target.trunk, services) : std::nullopt;
  if (!seen) return {};
  return for_caller ? seen->uri.to_string() : caller->from.uri.to_string();
}

void restore_caller(sip::Message& response, const RequestContext& context) {
  response.set("From", context.request.get("From"));
  if (context.is_in_dialog()) response.set("To", context.request.get("To"));
}

}  // namespace proxy::core
