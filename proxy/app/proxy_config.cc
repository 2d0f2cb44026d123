#include "proxy/app/proxy_config.h"

#include <algorithm>
#include <filesystem>

#include "proxy/app/config_check.h"

namespace proxy::app {
namespace {

std::uint32_t seconds_of(common::Duration duration) {
  return static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

std::optional<std::string> unless_empty(const std::string& text) {
  if (text.empty()) return std::nullopt;
  return text;
}

void resolve(const std::filesystem::path& folder, std::string& file) {
  if (!file.empty()) file = (folder / file).lexically_normal().string();
}

void resolve_files(const std::string& source_name, ProxyConfig& config) {
  const auto folder = std::filesystem::path{source_name}.parent_path();
  resolve(folder, config.proxy.secret_file);
  resolve(folder, config.tls.ca);
  resolve(folder, config.tls.certificate);
  resolve(folder, config.tls.key);
  for (ListenSection& listen : config.listeners) {
    resolve(folder, listen.certificate);
    resolve(folder, listen.key);
    resolve(folder, listen.client_ca);
    resolve(folder, listen.web_root);
  }
  for (trunk::Trunk& trunk : config.trunks) resolve(folder, trunk.rates_file);
}

}  // namespace

common::Result<ProxyConfig, common::config::Problems> load_configuration(
    const common::config::Source& source, const std::vector<common::config::Override>& overrides) {
  ProxyConfig config;
  common::config::Report report;
  common::config::load_into(declared_configuration().decl(), &config, source, overrides, report);
  resolve_files(source.name, config);
  load_rates(config, report);
  check_configuration(config, report);
  if (!report.empty()) return common::Err{report.take()};
  return config;
}

std::vector<std::string> tables_to_restart_for(const ProxyConfig& running, const ProxyConfig& next) {
  ProxySection proxy = next.proxy;
  proxy.log_level = running.proxy.log_level;
  proxy.secret_file = running.proxy.secret_file;
  std::vector<ListenSection> listeners = next.listeners;
  for (std::size_t i = 0; i < std::min(listeners.size(), running.listeners.size()); ++i) {
    listeners[i].certificate = running.listeners[i].certificate;
    listeners[i].key = running.listeners[i].key;
    listeners[i].client_ca = running.listeners[i].client_ca;
    listeners[i].needs_client_certificate = running.listeners[i].needs_client_certificate;
  }
  std::vector<std::string> tables;
  const auto compare = [&](const auto& before, const auto& after, const char* table) {
    if (!(before == after)) tables.emplace_back(table);
  };
  compare(running.proxy, proxy, "proxy");
  compare(running.listeners, listeners, "listen");
  compare(running.relay, next.relay, "relay");
  compare(running.timers, next.timers, "timers");
  compare(running.registrar, next.registrar, "registrar");
  compare(running.limits, next.limits, "limits");
  compare(running.admin, next.admin, "admin");
  compare(running.dns, next.dns, "dns");
  compare(running.redis, next.redis, "redis");
  compare(running.cluster, next.cluster, "cluster");
  return tables;
}

auth::UserTable to_users(const ProxyConfig& config) {
  std::vector<auth::User> users;
  users.reserve(config.users.size());
  for (const UserSection& user : config.users) {
    users.push_back(
        {user.name, {unless_empty(user.password), unless_empty(user.ha1_md5), unless_empty(user.ha1_sha256)}});
  }
  return auth::UserTable{std::move(users)};
}

trunk::TrunkTable to_trunks(const ProxyConfig& config) {
  std::vector<trunk::Trunk> trunks = config.trunks;
  for (trunk::Trunk& trunk : trunks) trunk.rates.clear();  // the router has them; a call copies its trunk
  return trunk::TrunkTable{std::move(trunks)};
}

routing::Router to_router(const ProxyConfig& config) {
  std::vector<routing::Route> routes;
  routes.reserve(config.routes.size());
  for (const RouteSection& route : config.routes) {
    routes.push_back({route.name,
                      route.match,
                      {route.strip, route.prefix},
                      route.trunks,
                      {route.relay_media, route.caller_interface, route.callee_interface, route.require_encryption},
                      route.choices,
                      route.order});
  }
  const RoutingSection& numbers = config.routing;
  return routing::Router{
      {numbers.country_code, numbers.international_prefix, numbers.national_prefix}, std::move(routes), config.rates};
}

registrar::Registrar::Settings to_registrar_settings(const ProxyConfig& config) {
  registrar::Registrar::Settings settings;
  settings.min_expires = seconds_of(config.registrar.min_expires);
  settings.max_expires = seconds_of(config.registrar.max_expires);
  settings.default_expires = seconds_of(config.registrar.default_expires);
  settings.max_bindings_per_aor = config.registrar.max_bindings;
  settings.flow_timer = seconds_of(config.limits.idle_timeout);
  return settings;
}

auth::Authenticator::Settings to_authenticator_settings(const ProxyConfig& config) {
  auth::Authenticator::Settings settings;
  settings.realm = config.realm();
  settings.nonce_lifetime = config.timers.nonce_lifetime;
  if (config.proxy.sha256_first) settings.order = {auth::Algorithm::Sha256, auth::Algorithm::Md5};
  settings.md5_only_agents = config.proxy.md5_only_agents;
  return settings;
}

dns::Resolver::Settings to_resolver_settings(const ProxyConfig& config) {
  dns::Resolver::Settings settings;
  settings.servers = config.dns.servers;
  settings.timeout = config.dns.timeout;
  return settings;
}

transport::Settings to_transport_settings(const ProxyConfig& config) {
  transport::Settings settings;
  for (const ListenSection& listen : config.listeners) {
    transport::ListenerSettings& out = settings.listeners.emplace_back();
    out.kind = listen.transport;
    out.bind = listen.address;
    out.advertised = listen.shown();
    out.tls = {listen.certificate, listen.key, listen.client_ca, listen.needs_client_certificate};
    out.websocket_path = listen.path;
    out.origins = listen.origins;
    out.balancers = listen.balancers;
    out.web_root = listen.web_root;
  }
  settings.client_tls = {config.tls.ca, config.tls.certificate, config.tls.key};
  settings.limits.max_connections = config.limits.max_connections;
  settings.limits.max_connections_per_source = config.limits.max_connections_per_address;
  settings.limits.max_message = config.limits.max_message;
  settings.limits.handshake = config.limits.handshake_timeout;
  settings.limits.idle = config.limits.idle_timeout;
  settings.limits.ping_interval = config.limits.ping_interval;
  return settings;
}

}  // namespace proxy::app
