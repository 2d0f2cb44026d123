#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/config/load.h"
#include "common/config/schema.h"
#include "common/net/address.h"
#include "common/redis/find_server.h"
#include "common/time/instant.h"
#include "proxy/auth/user_table.h"
#include "proxy/dns/resolver.h"
#include "proxy/registrar/registrar.h"
#include "proxy/routing/router.h"
#include "proxy/transport/settings.h"
#include "proxy/trunk/trunk.h"

/// The configuration file of causeway-proxy as values, and the table that declares it.
namespace proxy::app {

struct ProxySection {
  std::vector<std::string> domains;  // the first one is the default realm
  std::string realm;
  std::string secret_file = "proxy.secret";
  std::string log_level = "info";
  bool sha256_first = false;
  std::vector<std::string> md5_only_agents = {"baresip v0.", "baresip v1."};
  friend bool operator==(const ProxySection&, const ProxySection&) = default;
};

struct ListenSection {
  transport::Kind transport = transport::Kind::Udp;
  common::SocketAddress address;
  std::optional<common::SocketAddress> advertised;  // what Via, Record-Route and Contact say
  std::string certificate;
  std::string key;
  std::string client_ca;
  bool needs_client_certificate = false;
  std::string web_root;
  std::string path = "/ws";
  std::vector<std::string> origins;
  std::vector<common::Cidr> balancers;

  const common::SocketAddress& shown() const noexcept { return advertised ? *advertised : address; }
  friend bool operator==(const ListenSection&, const ListenSection&) = default;
};

struct RelaySection {
  std::vector<common::SocketAddress> control = {{common::IpAddress::v4({127, 0, 0, 1}), common::Port{2223}}};
  common::Duration timeout = std::chrono::seconds{3};
  std::optional<common::SocketAddress> teardown_listen;
  bool allow_control_in_clear = false;
  friend bool operator==(const RelaySection&, const RelaySection&) = default;
};

struct TimerSection {
  common::Duration ringing = std::chrono::minutes{4};      // timer C, RFC 3261 §16.6 step 11
  common::Duration provisional = std::chrono::seconds{4};  // first sign of life of a trunk
  common::Duration setup = std::chrono::seconds{30};       // all trunks together
  common::Duration next_device = std::chrono::seconds{20};
  common::Duration session_expires{};
  common::Duration nonce_lifetime = std::chrono::minutes{5};
  friend bool operator==(const TimerSection&, const TimerSection&) = default;
};

struct RegistrarSection {
  common::Duration min_expires = std::chrono::minutes{1};
  common::Duration default_expires = std::chrono::minutes{10};
  common::Duration max_expires = std::chrono::hours{1};
  std::uint32_t max_bindings = 10;
  friend bool operator==(const RegistrarSection&, const RegistrarSection&) = default;
};

struct LimitSection {
  std::size_t max_message = std::size_t{128} << 10;
  std::uint32_t max_connections = 20'000;
  std::uint32_t max_connections_per_address = 200;
  common::Duration idle_timeout = std::chrono::minutes{15};
  common::Duration ping_interval = std::chrono::seconds{20};
  common::Duration handshake_timeout = std::chrono::seconds{10};
  friend bool operator==(const LimitSection&, const LimitSection&) = default;
};

struct AdminSection {
  std::optional<common::SocketAddress> listen;
  std::string token;
  friend bool operator==(const AdminSection&, const AdminSection&) = default;
};

/// For connections that we open.
struct TlsSection {
  std::string ca;
  std::string certificate;
  std::string key;
  friend bool operator==(const TlsSection&, const TlsSection&) = default;
};

struct DnsSection {
  std::vector<common::SocketAddress> servers;
  common::Duration timeout = std::chrono::seconds{2};
  friend bool operator==(const DnsSection&, const DnsSection&) = default;
};

struct RedisSection {
  std::vector<common::redis::Endpoint> servers;  // empty: nothing is shared
  std::string sentinel_group;
  std::string username;
  std::string password;
  std::string sentinel_password;
  std::string prefix = "causeway:";
  bool tls = false;
  std::string tls_name;
  friend bool operator==(const RedisSection&, const RedisSection&) = default;
};

struct ClusterSection {
  std::string name;
  std::optional<common::SocketAddress> listen;
  std::vector<common::SocketAddress> peers;
  friend bool operator==(const ClusterSection&, const ClusterSection&) = default;
};

struct RoutingSection {
  std::string country_code;
  std::string international_prefix;
  std::string national_prefix;
  bool follow_redirects = false;
};

struct UserSection {
  std::string name;
  std::string password;
  std::string ha1_md5;
  std::string ha1_sha256;
};

struct RouteSection {
  std::string name;
  routing::Pattern match;
  std::uint32_t strip = 0;
  std::string prefix;
  std::vector<std::string> trunks;
  bool relay_media = true;
  std::string caller_interface;
  std::string callee_interface;
  bool require_encryption = false;
  std::vector<routing::Choice> choices;
  routing::Order order = routing::Order::Given;
};

struct ProxyConfig {
  ProxySection proxy;
  std::vector<ListenSection> listeners;
  RelaySection relay;
  TimerSection timers;
  RegistrarSection registrar;
  LimitSection limits;
  AdminSection admin;
  TlsSection tls;
  DnsSection dns;
  RedisSection redis;
  ClusterSection cluster;
  RoutingSection routing;
  std::vector<UserSection> users;
  std::vector<trunk::Trunk> trunks;
  std::vector<RouteSection> routes;
  routing::Rates rates;  // of every trunk that has any, from its tables and its file

  const std::string& realm() const { return proxy.realm.empty() ? proxy.domains.front() : proxy.realm; }
};

constexpr std::string_view kEnvironmentPrefix = "CAUSEWAY_PROXY";

/// Every table and key.
const common::config::Table<ProxyConfig>& declared_configuration();

/// Contradictions between keys, and files that cannot be read.
void check_configuration(const ProxyConfig& config, common::config::Report& report);

/// A whole, checked configuration or every problem of it. Relative file names are taken from the file's own folder.
[[nodiscard]] common::Result<ProxyConfig, common::config::Problems> load_configuration(
    const common::config::Source& source, const std::vector<common::config::Override>& overrides = {});

/// Names of the tables that differ in what a running proxy does not take over.
std::vector<std::string> tables_to_restart_for(const ProxyConfig& running, const ProxyConfig& next);

// What the parts of the proxy take.
auth::UserTable to_users(const ProxyConfig& config);
trunk::TrunkTable to_trunks(const ProxyConfig& config);
routing::Router to_router(const ProxyConfig& config);
registrar::Registrar::Settings to_registrar_settings(const ProxyConfig& config);
auth::Authenticator::Settings to_authenticator_settings(const ProxyConfig& config);
dns::Resolver::Settings to_resolver_settings(const ProxyConfig& config);
transport::Settings to_transport_settings(const ProxyConfig& config);

}  // namespace proxy::app
