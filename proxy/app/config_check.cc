#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include "common/base/encoding.h"
#include "common/config/nearest.h"
#include "proxy/app/proxy_config.h"

namespace proxy::app {
namespace {

using common::config::quote;
using common::config::Report;
using transport::Kind;

constexpr std::size_t kMaxRelays = 256;

std::string at(std::string_view table, std::size_t index, std::string_view key) {
  return fmt::format("{}[{}].{}", table, index + 1, key);
}

bool is_readable(const std::string& path) { return std::ifstream{path}.good() && !std::filesystem::is_directory(path); }

void check_file(Report& report, const std::string& key, const std::string& path, std::string_view why) {
  if (path.empty()) {
    report.complain(key, "", "is missing", fmt::format("name a PEM file; {}", why));
  } else if (!is_readable(path)) {
    report.complain(key, quote(path), "cannot be read", "name a file that this user may read");
  }
}

void check_listener(const ListenSection& listen, std::size_t i, Report& report) {
  if (transport::is_secure(listen.transport)) {
    check_file(report, at("listen", i, "certificate"), listen.certificate, "tls and wss need a certificate");
    check_file(report, at("listen", i, "key"), listen.key, "tls and wss need the certificate's key");
  } else if (!listen.certificate.empty() || !listen.key.empty()) {
    report.complain(at("listen", i, listen.certificate.empty() ? "key" : "certificate"), "", "is of no use without TLS",
                    "remove it or choose transport tls or wss");
  }
  const bool web = transport::is_websocket(listen.transport);
  if (!web && !listen.web_root.empty()) {
    report.complain(at("listen", i, "web_root"), quote(listen.web_root), "needs a WebSocket listener",
                    "remove it or choose transport ws or wss");
  } else if (!listen.web_root.empty() && !std::filesystem::is_directory(listen.web_root)) {
    report.complain(at("listen", i, "web_root"), quote(listen.web_root), "is not a folder", "name an existing folder");
  }
  if (!web && !listen.origins.empty()) {
    report.complain(at("listen", i, "origins"), "", "needs a WebSocket listener", "remove it");
  }
  if (!listen.path.starts_with('/')) {
    report.complain(at("listen", i, "path"), quote(listen.path), "does not start with /", "write e.g. \"/ws\"");
  }
  if (listen.shown().ip.is_unspecified()) {
    report.complain(at("listen", i, listen.advertised ? "advertised" : "address"), quote(listen.shown().to_string()),
                    "cannot be told to peers", "set advertised to the address that peers reach");
  }
}

void check_listeners(const ProxyConfig& config, Report& report) {
  if (config.listeners.empty()) report.complain("listen", "", "is missing", "add at least one [[listen]] table");
  std::set<std::pair<bool, common::SocketAddress>> taken;
  for (std::size_t i = 0; i < config.listeners.size(); ++i) {
    const ListenSection& listen = config.listeners[i];
    check_listener(listen, i, report);
    if (!taken.emplace(listen.transport == Kind::Udp, listen.address).second) {
      report.complain(at("listen", i, "address"), quote(listen.address.to_string()), "is taken by another [[listen]]",
                      "give each listener a port of its own");
    }
  }
}

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
    if (user.password.empty() && user.ha1_md5.empty() && user.ha1_sha256.empty()) {
      report.complain(at("user", i, "password"), "", "is missing", "add password, ha1_md5 or ha1_sha256");
    }
  }
}

void check_trunk(const ProxyConfig& config, const trunk::Trunk& trunk, std::size_t i, Report& report) {
  const bool tls = trunk.transport == Kind::Tls;
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
  const bool has_listener = std::any_of(config.listeners.begin(), config.listeners.end(),
                                        [&](const ListenSection& l) { return l.transport == trunk.transport; });
  if (!has_listener) {
    report.complain(at("trunk", i, "transport"), "", "has no listener for the trunk's own requests",
                    "add a [[listen]] with the same transport");
  }
}

void check_trunks(const ProxyConfig& config, Report& report) {
  check_names(config.trunks, "trunk", report);
  for (std::size_t i = 0; i < config.trunks.size(); ++i) check_trunk(config, config.trunks[i], i, report);
}

void check_routes(const ProxyConfig& config, Report& report) {
  check_names(config.routes, "route", report);
  std::vector<std::string> known;
  known.reserve(config.trunks.size());
  for (const trunk::Trunk& trunk : config.trunks) known.push_back(trunk.name);
  bool unreachable = false;
  for (std::size_t i = 0; i < config.routes.size(); ++i) {
    const RouteSection& route = config.routes[i];
    if (unreachable) {
      report.complain(at("route", i, "match"), quote(route.match.text()), "is never reached",
                      "move it before the route that matches everything");
    }
    unreachable = unreachable || route.match.text() == "default" || route.match.text() == "*";
    if (route.trunks.empty()) report.complain(at("route", i, "trunks"), "", "is empty", "name at least one trunk");
    for (const std::string& name : route.trunks) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      const auto near = common::config::nearest(name, known);
      report.complain(at("route", i, "trunks"), quote(name), "is not a trunk",
                      near ? fmt::format("did you mean {}?", quote(*near)) : "add a [[trunk]] of this name");
    }
  }
}

void check_registrar(const RegistrarSection& registrar, Report& report) {
  const auto complain = [&](std::string_view key, common::Duration value, std::string problem) {
    report.complain(key, quote(common::config::format_duration(value)), std::move(problem),
                    "keep min_expires <= default_expires <= max_expires");
  };
  if (registrar.default_expires < registrar.min_expires) {
    complain("registrar.default_expires", registrar.default_expires, "is below registrar.min_expires");
  }
  if (registrar.max_expires < registrar.default_expires) {
    complain("registrar.max_expires", registrar.max_expires, "is below registrar.default_expires");
  }
}

void check_relay(const RelaySection& relay, Report& report) {
  if (relay.control.empty()) report.complain("relay.control", "", "is empty", "name at least one relay");
  if (relay.control.size() > kMaxRelays) {
    report.complain("relay.control", std::to_string(relay.control.size()), "are too many relays",
                    fmt::format("name at most {}; a cookie has one byte for the relay", kMaxRelays));
  }
  for (const common::SocketAddress& address : relay.control) {
    if (address.ip.is_loopback() || relay.allow_control_in_clear) continue;
    report.complain("relay.control", quote(address.to_string()), "carries media keys in clear beyond this host",
                    "use loopback, or set allow_control_in_clear = true if the path is protected otherwise");
  }
  if (relay.teardown_listen && !relay.teardown_listen->ip.is_loopback() && !relay.allow_control_in_clear) {
    report.complain("relay.teardown_listen", quote(relay.teardown_listen->to_string()), "is open beyond this host",
                    "use loopback, or set allow_control_in_clear = true if the path is protected otherwise");
  }
}

void check_tls(const TlsSection& tls, Report& report) {
  const auto check = [&](std::string_view key, const std::string& path) {
    if (!path.empty()) check_file(report, fmt::format("tls.{}", key), path, "");
  };
  check("ca", tls.ca);
  check("certificate", tls.certificate);
  check("key", tls.key);
  if (tls.certificate.empty() != tls.key.empty()) {
    report.complain(tls.key.empty() ? "tls.key" : "tls.certificate", "", "is missing",
                    "give certificate and key, or neither");
  }
}

}  // namespace

void check_configuration(const ProxyConfig& config, Report& report) {
  if (config.proxy.domains.empty()) {
    report.complain("proxy.domains", "", "is missing", "name at least one domain, e.g. domains = [\"example.org\"]");
  }
  check_listeners(config, report);
  check_relay(config.relay, report);
  check_registrar(config.registrar, report);
  if (config.admin.listen && !config.admin.listen->ip.is_loopback()) {
    report.complain("admin.listen", quote(config.admin.listen->to_string()), "is open beyond this host",
                    "use a loopback address; publish it through a web server that asks for a login");
  }
  check_tls(config.tls, report);
  check_users(config, report);
  check_trunks(config, report);
  check_routes(config, report);
}

}  // namespace proxy::app
