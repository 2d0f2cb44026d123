#include <algorithm>
#include <set>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/config/nearest.h"
#include "proxy/app/config_check.h"
#include "proxy/sip/uri.h"

namespace proxy::app {
namespace {

using common::config::quote;
using common::config::Report;
using transport::Kind;

/// Names must be there and differ.
template <class Section>
void check_names(const std::vector<Section>& sections, std::string_view table, Report& report) {
  std::set<std::string> seen;
  for (std::size_t i = 0; i < sections.size(); ++i) {
    const std::string& name = sections[i].name;
    if (name.empty()) report.complain(at(table, i, "name"), "", "is empty", "give it a name");
    if (!name.empty() && !seen.insert(name).second) {
      report.complain(at(table, i, "name"), quote(name), "is used twice", "give each its own name");
    }
  }
}

void check_ha1(const std::string& value, std::size_t bytes, const std::string& key, Report& report) {
  if (value.empty()) return;
  const auto decoded = common::hex_decode(value);
  if (!decoded || decoded->size() != bytes) {
    report.complain(key, "***", "is not a hash in hexadecimal", fmt::format("write {} hexadecimal digits", 2 * bytes));
  }
}

void check_users(const ProxyConfig& config, Report& report) {
  check_names(config.users, "user", report);
  for (std::size_t i = 0; i < config.users.size(); ++i) {
    const UserSection& user = config.users[i];
    check_ha1(user.ha1_md5, 16, at("user", i, "ha1_md5"), report);
    check_ha1(user.ha1_sha256, 32, at("user", i, "ha1_sha256"), report);
    const auto uri = sip::Uri::parse("sip:" + user.name + "@host");
    if (!user.name.empty() && (!uri || uri->plain_user() != user.name)) {
      report.complain(at("user", i, "name"), quote(user.name), "cannot stand in a SIP URI as it is",
                      "use letters, digits and - _ . ! ~ * ' ( ) & = + $ ,");
    }
    if (user.password.empty() && user.ha1_md5.empty() && user.ha1_sha256.empty()) {
      report.complain(at("user", i, "password"), "", "is missing", "add password, ha1_md5 or ha1_sha256");
    }
  }
}

/// Names as SDP has them. Relays differ in what they transcode; what looks like a typing error here is one everywhere.
const std::vector<std::string> kCodecs{"PCMU",   "PCMA", "G722", "G729",  "GSM", "iLBC", "AMR",
                                       "AMR-WB", "EVS",  "opus", "speex", "L16", "CN",   "telephone-event"};

void check_codecs(const trunk::Trunk& trunk, std::size_t i, Report& report) {
  for (const std::string& codec : trunk.codecs) {
    const std::string name{common::split(codec, '/').front()};
    const auto same = [&](const std::string& known) { return common::iequals(known, name); };
    if (std::ranges::any_of(kCodecs, same)) continue;
    const auto near = common::config::nearest(name, kCodecs);
    if (!near && !name.empty()) continue;
    report.complain(
        at("trunk", i, "codecs"), quote(codec), "is not a codec",
        near ? fmt::format("did you mean {}?", quote(*near)) : fmt::format("name e.g. {}", fmt::join(kCodecs, ", ")));
  }
}

void check_trunk(const ProxyConfig& config, const trunk::Trunk& trunk, std::size_t i, Report& report) {
  const bool tls = !trunk.transport || trunk.transport == Kind::Tls;
  if (!is_host(trunk.host)) {
    report.complain(at("trunk", i, "host"), quote(trunk.host), "is neither an address nor a name",
                    "write e.g. \"192.0.2.1\" or \"sip.carrier.example\"");
  }
  check_codecs(trunk, i, report);
  if (trunk.srtp != trunk::SrtpPolicy::Rtp && !tls && !trunk.allow_sdes_without_tls) {
    report.complain(at("trunk", i, "srtp"), "", "would send media keys over unencrypted signalling",
                    "set transport = \"tls\", or allow_sdes_without_tls = true if the path is protected otherwise");
  }
  if (!tls && !trunk.tls_name.empty()) {
    report.complain(at("trunk", i, "tls_name"), quote(trunk.tls_name), "is of no use without TLS",
                    "remove it or set transport = \"tls\"");
  }
  if (trunk.username.empty() != trunk.password.empty()) {
    report.complain(at("trunk", i, trunk.username.empty() ? "username" : "password"), "", "is missing",
                    "give username and password, or neither");
  }
  const auto asks = [](const ListenSection& listen) { return !listen.client_ca.empty(); };
  if (!trunk.tls_subjects.empty() && !tls) {
    report.complain(at("trunk", i, "tls_subjects"), "", "is of no use without TLS",
                    "remove it or set transport = \"tls\"");
  } else if (!trunk.tls_subjects.empty() && std::ranges::none_of(config.listeners, asks)) {
    report.complain(at("trunk", i, "tls_subjects"), "", "has no listener that asks for certificates",
                    "set client_ca in a [[listen]] with transport = \"tls\"");
  }
  if (trunk.caller.show == trunk::CallerPolicy::Show::Number && trunk.caller.number.empty()) {
    report.complain(at("trunk", i, "caller.number"), "", "is missing", "name the number to show");
  }
  const bool wants_plan =
      trunk.number_format != routing::NumberFormat::AsIs || trunk.caller.format != routing::NumberFormat::AsIs;
  if (wants_plan && config.routing.country_code.empty()) {
    report.complain(at("trunk", i, "number_format"), "", "needs to know the country",
                    "set country_code in [routing], or leave numbers as-is");
  }
  for (const std::string& domain : trunk.registrar_of) {
    const bool is_ours =
        std::ranges::any_of(config.proxy.domains, [&](const std::string& own) { return common::iequals(own, domain); });
    if (!is_ours && is_host(domain)) continue;
    report.complain(at("trunk", i, "registrar_of"), quote(domain),
                    is_ours ? "is a domain whose users register here" : "is neither a name nor an address",
                    "name domains of the trunk's server that are not in proxy.domains");
  }
  const bool is_numeric = trunk.port != 0 || common::IpAddress::parse(trunk.host);
  const auto suits = [&](const ListenSection& listen) {
    if (trunk.transport) return listen.transport == *trunk.transport;
    if (trunk.is_secure()) return listen.transport == Kind::Tls;
    return is_numeric ? listen.transport == Kind::Udp : !transport::is_websocket(listen.transport);
  };
  const bool has_listener = std::ranges::any_of(config.listeners, suits);
  if (!has_listener) {
    report.complain(at("trunk", i, "transport"), "", "has no listener for the trunk's own requests",
                    "add a [[listen]] with the same transport");
  }
}

void check_trunks(const ProxyConfig& config, Report& report) {
  check_names(config.trunks, "trunk", report);
  for (std::size_t i = 0; i < config.trunks.size(); ++i) check_trunk(config, config.trunks[i], i, report);
}

/// The trunks that a route names, each with the key that names it.
std::vector<std::pair<std::string, std::string>> named_trunks(const RouteSection& route, std::size_t i) {
  std::vector<std::pair<std::string, std::string>> named;
  for (const std::string& trunk : route.trunks) named.emplace_back(at("route", i, "trunks"), trunk);
  for (std::size_t c = 0; c < route.choices.size(); ++c) {
    named.emplace_back(at("route", i, at("choice", c, "trunk")), route.choices[c].trunk);
  }
  return named;
}

void check_price(const ProxyConfig& config, const RouteSection& route, const std::string& key, const std::string& trunk,
                 Report& report) {
  if (route.order != routing::Order::Cost || config.rates.contains(trunk)) return;
  report.complain(key, quote(trunk), "has no rates, so a route by cost never takes it",
                  "give it [[trunk.rate]] tables or a rates_file");
}

void check_route_trunks(const ProxyConfig& config, const RouteSection& route, std::size_t i, Report& report) {
  const auto trunks = at("route", i, "trunks");
  if (route.trunks.empty() && route.choices.empty()) {
    report.complain(trunks, "", "is empty", "name at least one trunk");
  } else if (!route.trunks.empty() && !route.choices.empty()) {
    report.complain(trunks, "", "says the same as [[route.choice]]", "name the trunks in one of them");
  }
  std::vector<std::string> known;
  known.reserve(config.trunks.size());
  for (const trunk::Trunk& trunk : config.trunks) known.push_back(trunk.name);
  std::set<std::string> seen;
  for (const auto& [key, name] : named_trunks(route, i)) {
    if (!seen.insert(name).second) report.complain(key, quote(name), "is named twice", "name each trunk once");
    if (std::ranges::find(known, name) != known.end()) {
      check_price(config, route, key, name, report);
      continue;
    }
    const auto near = common::config::nearest(name, known);
    report.complain(key, quote(name), "is not a trunk",
                    near ? fmt::format("did you mean {}?", quote(*near)) : "add a [[trunk]] of this name");
  }
}

void check_routes(const ProxyConfig& config, Report& report) {
  check_names(config.routes, "route", report);
  bool unreachable = false;
  std::set<std::string> matches;
  for (std::size_t i = 0; i < config.routes.size(); ++i) {
    const RouteSection& route = config.routes[i];
    if (unreachable) {
      report.complain(at("route", i, "match"), quote(route.match.text()), "is never reached",
                      "move it before the route that matches everything");
    } else if (!matches.insert(route.match.text()).second) {
      report.complain(at("route", i, "match"), quote(route.match.text()), "is never reached",
                      "an earlier route has the same pattern; remove one of them");
    }
    if (!route.relay_media &&
        (route.require_encryption || !route.caller_interface.empty() || !route.callee_interface.empty())) {
      report.complain(at("route", i, "media"), "\"off\"", "leaves nothing to encrypt and no interface to choose",
                      "remove require_encryption and the interfaces, or let the relay carry the media");
    }
    unreachable = unreachable || route.match.text() == "default" || route.match.text() == "*";
    check_route_trunks(config, route, i, report);
  }
}

}  // namespace

void check_calls(const ProxyConfig& config, Report& report) {
  check_users(config, report);
  check_trunks(config, report);
  check_routes(config, report);
}

}  // namespace proxy::app
