#include "proxy/app/config_check.h"

#include <algorithm>

#include "common/base/text.h"
#include "proxy/app/secret_file.h"
#include "proxy/core/session_timer.h"

namespace proxy::app {
namespace {

using common::config::quote;
using common::config::Report;

constexpr std::size_t kMaxRelays = 256;
constexpr std::size_t kLongestName = 253;
constexpr std::size_t kLongestLabel = 63;

bool is_label(std::string_view label) {
  const auto allowed = [](char c) {
    return (c >= '0' && c <= '9') || (common::to_lower(c) >= 'a' && common::to_lower(c) <= 'z') || c == '-' || c == '_';
  };
  return !label.empty() && label.size() <= kLongestLabel && label.front() != '-' && label.back() != '-' &&
         std::ranges::all_of(label, allowed);
}

void check_proxy(const ProxySection& proxy, Report& report) {
  if (proxy.domains.empty()) {
    report.complain("proxy.domains", "", "is missing", "name at least one domain, e.g. domains = [\"example.org\"]");
  }
  for (const std::string& domain : proxy.domains) {
    if (is_host(domain)) continue;
    report.complain("proxy.domains", quote(domain), "is neither a name nor an address",
                    "write what stands behind the @ of your users");
  }
  if (const auto problem = problem_of_secrets(proxy.secret_file)) {
    report.complain("proxy.secret_file", quote(proxy.secret_file), "cannot be used", *problem);
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

void check_redis(const RedisSection& redis, Report& report) {
  if (!redis.sentinel_group.empty() && redis.servers.empty()) {
    report.complain("redis.sentinel_group", quote(redis.sentinel_group), "has no Sentinels",
                    "name them in redis.servers");
  }
  if (!redis.username.empty() && redis.password.empty()) {
    report.complain("redis.username", quote(redis.username), "has no password", "set redis.password too");
  }
  if (redis.prefix.find_first_of("{}*?[]\\ \n") != std::string::npos) {
    report.complain("redis.prefix", quote(redis.prefix), "has characters that patterns or hash tags give a meaning",
                    "use letters, digits, dots, colons and dashes");
  }
}

void check_cluster(const ClusterSection& cluster, Report& report) {
  if (cluster.listen.has_value() == cluster.peers.empty()) {
    report.complain("cluster", "", "is half configured", "set both listen and peers, or neither");
  }
  if (cluster.listen && std::ranges::find(cluster.peers, *cluster.listen) != cluster.peers.end()) {
    report.complain("cluster.peers", quote(cluster.listen->to_string()), "is this node itself",
                    "name the other nodes only");
  }
}

void check_timers(const TimerSection& timers, Report& report) {
  constexpr std::chrono::seconds kShortest{core::kShortestSession};
  if (timers.session_expires == common::Duration::zero() || timers.session_expires >= kShortest) return;
  report.complain("timers.session_expires", quote(common::config::format_duration(timers.session_expires)),
                  "is shorter than a session may be", "write 90s or more (RFC 4028), or 0s to ask for none");
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

}  // namespace

bool is_host(std::string_view text) {
  if (common::IpAddress::parse(text)) return true;
  if (text.starts_with('[') && text.ends_with(']'))
    return common::IpAddress::parse(text.substr(1, text.size() - 2)).has_value();
  if (text.ends_with('.')) text.remove_suffix(1);
  return text.size() <= kLongestName && std::ranges::all_of(common::split(text, '.'), is_label);
}

void check_configuration(const ProxyConfig& config, Report& report) {
  check_proxy(config.proxy, report);
  check_listeners(config, report);
  check_relay(config.relay, report);
  check_redis(config.redis, report);
  check_cluster(config.cluster, report);
  check_registrar(config.registrar, report);
  check_timers(config.timers, report);
  if (config.admin.listen && !config.admin.listen->ip.is_loopback()) {
    report.complain("admin.listen", quote(config.admin.listen->to_string()), "is open beyond this host",
                    "use a loopback address; publish it through a web server that asks for a login");
  }
  check_tls(config.tls, report);
  check_calls(config, report);
}

}  // namespace proxy::app
