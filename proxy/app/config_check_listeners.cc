#include <filesystem>
#include <fstream>
#include <set>

#include "common/tls/context.h"
#include "proxy/app/config_check.h"
#include "proxy/sip/uri.h"

namespace proxy::app {
namespace {

using common::config::quote;
using common::config::Report;
using common::tls::Context;
using transport::Kind;

bool is_readable(const std::string& path) { return std::ifstream{path}.good() && !std::filesystem::is_directory(path); }

/// True if there is a file to look into.
bool check_file(Report& report, const std::string& key, const std::string& path, std::string_view why) {
  if (path.empty()) {
    report.complain(key, "", "is missing", fmt::format("name a PEM file; {}", why));
  } else if (!is_readable(path)) {
    report.complain(key, quote(path), "cannot be read", "name a file that this user may read");
  }
  return !path.empty() && is_readable(path);
}

/// Certificate and key as the library takes them: whether they are any, and belong together.
void check_usable(Report& report, const std::string& key, const common::Result<Context, std::string>& context) {
  if (!context) report.complain(key, "", "cannot be used", context.error());
}

/// RFC 6454 §6.2: `null`, or scheme, host and port with nothing behind; apps and extensions have schemes of their own.
bool is_origin(std::string_view origin) {
  if (origin == "null") return true;
  const std::size_t mark = origin.find("://");
  if (mark == std::string_view::npos || mark == 0) return false;
  const auto uri = sip::Uri::parse("sip:" + std::string{origin.substr(mark + 3)});
  return uri && uri->user.empty() && uri->params.empty() && uri->headers.empty() && is_host(uri->host);
}

void check_clients(const ListenSection& listen, std::size_t i, Report& report) {
  if (listen.client_ca.empty()) {
    if (!listen.needs_client_certificate) return;
    report.complain(at("listen", i, "client_certificate"), "\"require\"", "has no roots to check it with",
                    "name them in client_ca");
  } else if (listen.transport != Kind::Tls) {
    report.complain(at("listen", i, "client_ca"), quote(listen.client_ca), "needs a TLS listener",
                    "remove it or choose transport tls");
  } else if (check_file(report, at("listen", i, "client_ca"), listen.client_ca, "")) {
    check_usable(report, at("listen", i, "client_ca"), Context::client({listen.client_ca, {}, {}}));
  }
}

void check_listener(const ListenSection& listen, std::size_t i, Report& report) {
  if (transport::is_secure(listen.transport)) {
    const bool has_certificate =
        check_file(report, at("listen", i, "certificate"), listen.certificate, "tls and wss need a certificate");
    const bool has_key =
        check_file(report, at("listen", i, "key"), listen.key, "tls and wss need the certificate's key");
    if (has_certificate && has_key) {
      check_usable(report, at("listen", i, "certificate"),
                   Context::server({listen.certificate, listen.key, {}, false}));
    }
  } else if (!listen.certificate.empty() || !listen.key.empty()) {
    report.complain(at("listen", i, listen.certificate.empty() ? "key" : "certificate"), "", "is of no use without TLS",
                    "remove it or choose transport tls or wss");
  }
  check_clients(listen, i, report);
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
  if (!listen.balancers.empty() && listen.transport == Kind::Udp) {
    report.complain(at("listen", i, "balancers"), "", "needs connections",
                    "remove it; datagrams say themselves where they come from");
  }
  for (const std::string& origin : listen.origins) {
    if (!web || is_origin(origin)) continue;
    report.complain(
        at("listen", i, "origins"), quote(origin), "is not what browsers send as Origin",
        "write scheme and host as in \"https://phone.example.org\", with a port unless it is the usual one");
  }
  if (!listen.path.starts_with('/')) {
    report.complain(at("listen", i, "path"), quote(listen.path), "does not start with /", "write e.g. \"/ws\"");
  }
  if (listen.shown().ip.is_unspecified()) {
    report.complain(at("listen", i, listen.advertised ? "advertised" : "address"), quote(listen.shown().to_string()),
                    "cannot be told to peers", "set advertised to the address that peers reach");
  }
}

}  // namespace

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

void check_tls(const TlsSection& tls, Report& report) {
  const auto check = [&](std::string_view key, const std::string& path) {
    return path.empty() || check_file(report, fmt::format("tls.{}", key), path, "");
  };
  const bool has_ca = check("ca", tls.ca);
  const bool has_certificate = check("certificate", tls.certificate);
  const bool has_key = check("key", tls.key);
  if (tls.certificate.empty() != tls.key.empty()) {
    report.complain(tls.key.empty() ? "tls.key" : "tls.certificate", "", "is missing",
                    "give certificate and key, or neither");
  } else if (has_ca && has_certificate && has_key) {
    check_usable(report, tls.certificate.empty() ? "tls.ca" : "tls.certificate",
                 Context::client({tls.ca, tls.certificate, tls.key}));
  }
}

}  // namespace proxy::app
