#include "relay/app/relay_config.h"

#include <algorithm>
#include <thread>

#include "common/base/text.h"

namespace relay::app {
namespace {

using common::Err;
using common::Result;
using common::config::Complaint;
using common::config::quote;
using common::config::Report;
using common::config::Table;
using namespace std::chrono_literals;

constexpr std::string_view kAddressForm = "ADDRESS:PORT, or PORT on loopback";

Result<common::SocketAddress, Complaint> parse_listener(std::string_view text) {
  if (const auto address = common::SocketAddress::parse(text)) return *address;
  if (const auto port = common::parse_number<std::uint16_t>(text)) {
    return common::SocketAddress{common::IpAddress::v4({127, 0, 0, 1}), common::Port{*port}};
  }
  return Err{Complaint{"is not an address with a port", "write e.g. \"127.0.0.1:2223\" or \"[::1]:2223\""}};
}

Result<common::Cidr, Complaint> parse_block(std::string_view text) {
  if (const auto block = common::Cidr::parse(text)) return *block;
  return Err{Complaint{"is not an address or block", "write e.g. \"192.0.2.1\" or \"192.0.2.0/24\""}};
}

Result<control::Interface, Complaint> parse_interface(std::string_view text) {
  if (auto interface = control::Interface::parse(text)) return std::move(*interface);
  return Err{Complaint{"is not [NAME/]ADDRESS[!ADVERTISED]",
                       "write e.g. \"192.0.2.10\", \"inside/10.0.0.5\" or \"outside/10.0.0.5!203.0.113.5\""}};
}

Table<RelaySection> relay_table() {
  return Table<RelaySection>("relay", "Media: where it flows and how much of it.")
      .parsed_list<control::Interface>("interface", &RelaySection::interfaces, parse_interface,
                                       "[NAME/]ADDRESS[!ADVERTISED]",
                                       "Addresses for media; the first of a family is the default. ADVERTISED is what "
                                       "SDP says instead, behind NAT.")
      .example("[\"192.0.2.10\"]")
      .integer("port_min", &RelaySection::port_min, 1024, 65534, "Lowest media port.")
      .integer("port_max", &RelaySection::port_max, 1025, 65535, "Highest media port.")
      .integer("num_threads", &RelaySection::num_threads, 0, 256, "Shards, a thread each; 0: one per processor.")
      .integer("max_sessions", &RelaySection::max_sessions, 0, 1'000'000,
               "Calls at once; 0: as many as the ports carry.")
      .duration("timeout", &RelaySection::timeout, 5s, 24h, "Silence of all media after which a call ends.")
      .duration("drain_timeout", &RelaySection::drain_timeout, 0s, 24h,
                "After SIGTERM calls may go on this long; none begins.")
      .flag("ice_lite", &RelaySection::ice_lite, "Be a lite ICE agent (RFC 8445) instead of a full one.")
      .choice<std::string>("log_level", &RelaySection::log_level,
                           {{"debug", "debug"}, {"info", "info"}, {"warn", "warn"}, {"error", "error"}},
                           "Least level that is logged.");
}

Table<RelayConfig> root_table() {
  return Table<RelayConfig>("", "")
      .table(&RelayConfig::relay, relay_table())
      .table(&RelayConfig::ng,
             Table<NgSection>("ng", "The control protocol, over UDP and TCP. It carries media keys.")
                 .parsed<common::SocketAddress>("listen", &NgSection::listen, parse_listener, std::string{kAddressForm},
                                                "Where to listen.", "127.0.0.1:2223")
                 .parsed_list<common::Cidr>("peers", &NgSection::peers, parse_block, "addresses and blocks",
                                            "Who may send requests; needed beyond loopback.", {"127.0.0.0/8", "::1"}))
      .table(&RelayConfig::http,
             Table<HttpSection>("http", "Health, metrics and lists over HTTP.")
                 .parsed<common::SocketAddress>("listen", &HttpSection::listen, parse_listener,
                                                std::string{kAddressForm}, "Where to listen.", "127.0.0.1:8081")
                 .secret("token", &HttpSection::token,
                         "Bearer token that metrics and lists ask for; needed beyond loopback."));
}

void check_interfaces(const RelaySection& relay, Report& report) {
  if (relay.interfaces.empty()) {
    report.complain("relay.interface", "", "is missing",
                    "name the address of this machine for media, e.g. --interface=192.0.2.10");
  }
  for (const control::Interface& interface : relay.interfaces) {
    if (!interface.advertised.is_unspecified()) continue;
    report.complain("relay.interface", quote(interface.bind.to_string()), "cannot be told to peers",
                    "add what they reach: " + interface.bind.to_string() + "!ADVERTISED");
  }
}

void check_ports(const RelaySection& relay, Report& report) {
  const unsigned first_even = (relay.port_min + 1u) & ~1u;
  if (relay.port_max > first_even) return;
  const std::string from = "relay.port_min " + std::to_string(relay.port_min);
  report.complain(
      "relay.port_max", std::to_string(relay.port_max),
      relay.port_max > relay.port_min ? "leaves no pair of ports from " + from + " on" : "is not above " + from,
      "raise port_max or lower port_min; each stream of a call takes a pair, an even port and the next");
}

void check(const RelayConfig& config, Report& report) {
  check_interfaces(config.relay, report);
  check_ports(config.relay, report);
  if (!config.ng.listen.ip.is_loopback() && config.ng.peers.empty()) {
    report.complain("ng.peers", "", "is missing",
                    "name who may send requests to " + config.ng.listen.to_string() + ", e.g. --ng-peer=192.0.2.1");
  }
  if (!config.http.listen.ip.is_loopback() && config.http.token.empty()) {
    report.complain("http.token", "", "is missing",
                    "set a token, or listen on loopback instead of " + config.http.listen.to_string());
  }
}

}  // namespace

std::size_t RelayConfig::threads() const noexcept {
  return relay.num_threads != 0 ? relay.num_threads : std::max(1u, std::thread::hardware_concurrency());
}

std::vector<common::Cidr> RelayConfig::ng_peers() const {
  if (!ng.peers.empty()) return ng.peers;
  return {*common::Cidr::parse("127.0.0.0/8"), *common::Cidr::parse("::1")};
}

const Table<RelayConfig>& declared_configuration() {
  static const Table<RelayConfig> table = root_table();
  return table;
}

Result<RelayConfig, common::config::Problems> load_configuration(
    const common::config::Source& source, const std::vector<common::config::Override>& overrides) {
  return common::config::load<RelayConfig>(declared_configuration(), source, overrides, check);
}

}  // namespace relay::app
