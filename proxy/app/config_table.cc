#include "common/base/text.h"
#include "proxy/app/proxy_config.h"

namespace proxy::app {
namespace {

using common::Err;
using common::Result;
using common::config::Complaint;
using common::config::Table;
using transport::Kind;
using namespace std::chrono_literals;

Result<common::SocketAddress, Complaint> parse_address(std::string_view text) {
  if (const auto address = common::SocketAddress::parse(text); address && address->port.value != 0) return *address;
  return Err{Complaint{"is not an address with a port", "write e.g. \"192.0.2.1:5060\" or \"[2001:db8::1]:5060\""}};
}

Result<common::Cidr, Complaint> parse_block(std::string_view text) {
  if (const auto block = common::Cidr::parse(text)) return *block;
  return Err{Complaint{"is not an address or block", "write e.g. \"192.0.2.1\" or \"192.0.2.0/24\""}};
}

Result<routing::Pattern, Complaint> parse_pattern(std::string_view text) {
  auto pattern = routing::Pattern::parse(text);
  if (pattern) return std::move(*pattern);
  return Err{Complaint{std::string{to_string(pattern.error())},
                       "write digits, X (0-9), Z (1-9), N (2-9), [1-5], * and ?, a . at the end, or \"default\""}};
}

Result<routing::NumberPrefix, Complaint> parse_number_prefix(std::string_view text) {
  if (const auto prefix = routing::NumberPrefix::parse(text)) return *prefix;
  return Err{Complaint{"is not a prefix", "write 1 to 15 digits of an E.164 number, e.g. \"4930\""}};
}

Result<routing::Price, Complaint> parse_price(std::string_view text) {
  if (const auto price = routing::Price::parse(text)) return *price;
  return Err{Complaint{"is not a price", "write e.g. \"0.0125\", at most nine digits behind the point"}};
}

Result<routing::Increment, Complaint> parse_increment(std::string_view text) {
  if (const auto increment = routing::Increment::parse(text)) return *increment;
  return Err{Complaint{"is not a billing increment", "write seconds as in \"60/1\""}};
}

std::vector<std::pair<std::string, Kind>> named(std::initializer_list<Kind> kinds) {
  std::vector<std::pair<std::string, Kind>> names;
  for (const Kind kind : kinds) names.emplace_back(transport::to_string(kind), kind);
  return names;
}
const auto kListenTransports = named({Kind::Udp, Kind::Tcp, Kind::Tls, Kind::Ws, Kind::Wss});
std::vector<std::pair<std::string, std::optional<Kind>>> trunk_transports() {
  std::vector<std::pair<std::string, std::optional<Kind>>> names{{"auto", std::nullopt}};
  for (const Kind kind : {Kind::Udp, Kind::Tcp, Kind::Tls}) names.emplace_back(transport::to_string(kind), kind);
  return names;
}
constexpr std::string_view kAddressForm = "ADDRESS:PORT";
constexpr std::string_view kPatternForm = "number pattern";

Table<ProxySection> proxy_table() {
  return Table<ProxySection>("proxy", "Who this proxy is.")
      .list("domains", &ProxySection::domains, "Domains (or addresses) whose users register here.")
      .required()
      .example(R"(["example.org"])")
      .text("realm", &ProxySection::realm, "Digest realm; without it the first domain.")
      .text("secret_file", &ProxySection::secret_file,
            "Secret of cookies and nonces; made at the first start, the same on every node of a pair. A second line "
            "still "
            "opens what it made.")
      .choice<std::string>("log_level", &ProxySection::log_level,
                           {{"debug", "debug"}, {"info", "info"}, {"warn", "warn"}, {"error", "error"}},
                           "Least level that is logged.")
      .flag("sha256_first", &ProxySection::sha256_first,
            "Challenge with SHA-256 before MD5 (RFC 8760); clients that read only the first challenge must know it.")
      .list("md5_only_agents", &ProxySection::md5_only_agents,
            "Beginnings of User-Agent values that get the MD5 challenge alone, since they fail at any other.");
}

Table<ListenSection> listen_table() {
  return Table<ListenSection>("listen", "One socket to accept SIP on.")
      .choice<Kind>("transport", &ListenSection::transport, kListenTransports, "Transport.")
      .required()
      .example("\"udp\"")
      .parsed<common::SocketAddress>("address", &ListenSection::address, parse_address, std::string{kAddressForm},
                                     "Where to listen.")
      .required()
      .example("\"192.0.2.1:5060\"")
      .parsed<common::SocketAddress>("advertised", &ListenSection::advertised, parse_address, std::string{kAddressForm},
                                     "What peers are told, where it differs (NAT).")
      .text("certificate", &ListenSection::certificate, "Certificate chain in PEM, for tls and wss.")
      .text("key", &ListenSection::key, "Its private key in PEM.")
      .text(
          "client_ca", &ListenSection::client_ca,
          "Roots in PEM of those whose certificates are believed (trunk.tls_subjects), for tls; with them clients are "
          "asked for a certificate.")
      .choice<bool>("client_certificate", &ListenSection::needs_client_certificate,
                    {{"request", false}, {"require", true}}, "require: nobody connects without one.")
      .text("web_root", &ListenSection::web_root, "Folder of static pages served on the same port, for ws and wss.")
      .text("path", &ListenSection::path, "Path of the WebSocket, for ws and wss.")
      .list("origins", &ListenSection::origins, "Origins whose pages may connect, for ws and wss; empty: any page.")
      .parsed_list<common::Cidr>("balancers", &ListenSection::balancers, parse_block, "addresses and blocks",
                                 "Load balancers in front, which tell whose connection it is by the PROXY protocol, "
                                 "version 2; nobody else may connect then. Not for udp.");
}

Table<RelaySection> relay_table() {
  return Table<RelaySection>("relay", "The media relays, driven over the ng protocol.")
      .parsed_list<common::SocketAddress>("control", &RelaySection::control, parse_address, std::string{kAddressForm},
                                          "Control addresses of the relays.", {"127.0.0.1:2223"})
      .duration("timeout", &RelaySection::timeout, 100ms, 30s, "A relay that has not answered by then is unreachable.")
      .parsed<common::SocketAddress>("teardown_listen", &RelaySection::teardown_listen, parse_address,
                                     std::string{kAddressForm},
                                     "Where relays report calls whose media is gone; loopback only.")
      .flag("allow_control_in_clear", &RelaySection::allow_control_in_clear,
            "Accept relays beyond loopback although ng carries media keys unencrypted.");
}

/// 486 and 487 are the callee's word, 401 and 407 are answered with credentials.
Result<int, Complaint> parse_retry_code(std::string_view text) {
  const auto code = common::parse_number<int>(text);
  const bool is_failure = code && *code >= 400 && *code <= 599;
  if (is_failure && *code != 401 && *code != 407 && *code != 486 && *code != 487) return *code;
  return Err{Complaint{"is not a failure that another trunk could mend", "write e.g. 503 or 404"}};
}

Table<trunk::HealthPolicy> health_table() {
  using trunk::HealthPolicy;
  return Table<HealthPolicy>("health", "When an address of the trunk gets no calls, and how it comes back.")
      .duration("probe_interval", &HealthPolicy::probe_interval, 0s, 1h, "OPTIONS to each address; 0: none.")
      .integer("probes_down", &HealthPolicy::probes_down, 1, 100, "Unanswered in a row: down.")
      .integer("probes_up", &HealthPolicy::probes_up, 1, 100, "Answered in a row: back.")
      .duration("window", &HealthPolicy::window, 1s, 1h, "Calls of this long are looked at together.")
      .integer("min_calls", &HealthPolicy::min_calls, 1, 1000000, "Fewer calls in the window prove nothing.")
      .integer("max_failures", &HealthPolicy::max_failures, 1, 100, "Per cent of failed calls; more: down.")
      .duration("max_delay", &HealthPolicy::max_delay, 0s, 1min, "Mean post-dial delay; more: down; 0: not looked at.")
      .duration("rest", &HealthPolicy::rest, 1s, 1h, "Without calls after failures; doubles each time up to max_rest.")
      .duration("max_rest", &HealthPolicy::max_rest, 1s, 24h, "Longest rest, also of Retry-After.")
      .duration("ramp", &HealthPolicy::ramp, 1s, 1h, "From a tenth of its calls back to all of them.");
}

Table<routing::Rate> rate_table() {
  using routing::Rate;
  return Table<Rate>("rate", "What numbers of one prefix cost on this trunk, before what rates_file says.")
      .parsed<routing::NumberPrefix>("prefix", &Rate::prefix, parse_number_prefix, "1 to 15 digits",
                                     "First digits of the E.164 number; the longest prefix holds.")
      .required()
      .parsed<routing::Price>("price", &Rate::price, parse_price, "decimal number in quotes",
                              "Per minute; every trunk in the same currency.")
      .required()
      .parsed<routing::Increment>("increment", &Rate::increment, parse_increment, "FIRST/NEXT in seconds",
                                  "Billing increment; of equally cheap trunks the finer one is first.", "1/1");
}

const std::vector<std::pair<std::string, routing::NumberFormat>> kNumberFormats{
    {"as-is", routing::NumberFormat::AsIs},
    {"e164", routing::NumberFormat::E164},
    {"e164-no-plus", routing::NumberFormat::E164NoPlus},
    {"national", routing::NumberFormat::National}};

Table<routing::Rewrite> rewrite_table(std::string_view name, std::string_view help) {
  using routing::Rewrite;
  return Table<Rewrite>(name, help)
      .integer("strip", &Rewrite::strip, 0, 32, "Characters cut from the front.")
      .text("prefix", &Rewrite::prefix, "Characters then put in front.");
}

Table<trunk::CallerPolicy> caller_table() {
  using trunk::CallerPolicy;
  using Show = CallerPolicy::Show;
  using Identity = CallerPolicy::Identity;
  return Table<CallerPolicy>("caller", "As whom callers appear towards the trunk.")
      .choice<Show>("show", &CallerPolicy::show,
                    {{"caller", Show::Caller}, {"number", Show::Number}, {"anonymous", Show::Anonymous}},
                    "The caller, always the number below, or nobody.")
      .text("number", &CallerPolicy::number,
            "Main number, also of callers whose own is not allowed; empty: these are anonymous.")
      .parsed_list<routing::Pattern>("allowed", &CallerPolicy::allowed, parse_pattern, "number patterns",
                                     "Numbers that callers may show, in E.164 form; a user chooses among them by "
                                     "P-Preferred-Identity. Empty: whatever From says.")
      .choice<routing::NumberFormat>("format", &CallerPolicy::format, kNumberFormats, "Form of the number shown.")
      .choice<Identity>(
          "identity", &CallerPolicy::identity,
          {{"pass", Identity::Pass},
           {"none", Identity::None},
           {"pai", Identity::Asserted},
           {"rpid", Identity::RemoteParty}},
          "What vouches for it: what a trusted trunk has said, nothing, P-Asserted-Identity (RFC 3325) or "
          "Remote-Party-ID.")
      .flag("anonymise", &CallerPolicy::anonymise,
            "Make From anonymous for callers who want privacy (RFC 3323); else Privacy alone tells the trunk.");
}

Table<trunk::Trunk> trunk_table() {
  using trunk::SrtpPolicy;
  using trunk::Trunk;
  return Table<Trunk>("trunk", "A carrier or gateway.")
      .text("name", &Trunk::name, "Name that routes use.")
      .required()
      .example("\"carrier\"")
      .text("host", &Trunk::host, "Address or DNS name.")
      .required()
      .example("\"192.0.2.20\"")
      .integer("port", &Trunk::port, 0, 65535, "Port; 0: what SRV records say, else the transport's own, 5060 or 5061.")
      .choice<std::optional<Kind>>("transport", &Trunk::transport, trunk_transports(),
                                   "Transport; auto: what NAPTR and SRV records say (RFC 3263), else UDP.")
      .text("tls_name", &Trunk::tls_name, "Domain that its certificate must be valid for (RFC 5922); empty: host.")
      .text("username", &Trunk::username, "Digest user, where the trunk challenges.")
      .secret("password", &Trunk::password, "Digest password.")
      .text("realm", &Trunk::realm, "Digest realm to answer; empty: any.")
      .list("codecs", &Trunk::codecs, "Codecs offered to the trunk, in this order; empty: as the caller offers.")
      .choice<SrtpPolicy>(
          "srtp", &Trunk::srtp,
          {{"rtp", SrtpPolicy::Rtp},
           {"sdes-required", SrtpPolicy::SdesRequired},
           {"sdes-preferred", SrtpPolicy::SdesPreferred}},
          "Media encryption; sdes-preferred is opportunistic (RFC 8643). With keys, transport auto means TLS.")
      .flag("allow_sdes_without_tls", &Trunk::allow_sdes_without_tls,
            "Send media keys over unencrypted signalling all the same.")
      .parsed_list<common::Cidr>("sources", &Trunk::sources, parse_block, "addresses and blocks",
                                 "Where its calls come from; empty: the addresses of host.")
      .list(
          "tls_subjects", &Trunk::tls_subjects,
          "Domains (RFC 5922: sip: URI or DNS name) of its client certificate when it calls. With them a call without "
          "such a certificate is not the trunk's, wherever it comes from; sources, if set, must match too.")
      .list(
          "registrar_of", &Trunk::registrar_of,
          "Domains whose users register with this trunk's server; this proxy is their edge (RFC 5626): it passes what "
          "they send within their domain and what the server sends over their flows.")
      .text("from_domain", &Trunk::from_domain, "Domain of From towards the trunk; empty: ours.")
      .text("interface", &Trunk::interface,
            "Relay interface of the trunk's side, for its own calls and for routes that name none; empty: the default.")
      .parsed_list<int>("retry_codes", &Trunk::retry_codes, parse_retry_code,
                        "400 to 599 without 401, 407, 486 and 487",
                        "Failures after which the next address or trunk is tried.", {"408", "500", "502", "503", "504"})
      .flag("follow_redirects", &Trunk::follow_redirects,
            "Try the contacts of its 3xx that are numbers, users or trunks of ours, instead of passing it to the "
            "caller.")
      .duration("provisional_timeout", &Trunk::provisional_timeout, 0s, 32s,
                "Until its first sign of life; 0: timers.provisional.")
      .duration(
          "answer_timeout", &Trunk::answer_timeout, 0s, 1h,
          "Until its final answer, however long it rings; 0: timers.ringing, begun anew by each provisional response.")
      .choice<routing::NumberFormat>("number_format", &Trunk::number_format, kNumberFormats,
                                     "Form of called numbers; national and e164 need routing.country_code.")
      .flag("user_phone", &Trunk::user_phone, "Mark numbers in URIs with user=phone.")
      .flag("trusted_identity", &Trunk::trusted_identity,
            "Believe its P-Asserted-Identity and Remote-Party-ID; else they are removed.")
      .flag("incoming_normalised", &Trunk::incoming_normalised,
            "Bring the numbers it calls into E.164 form, as [routing] does with dialled ones.")
      .text("rates_file", &Trunk::rates_file,
            "CSV file of its rates: lines of prefix,price or prefix,price,increment; up to 1000000.")
      .table(&Trunk::health, health_table())
      .table(&Trunk::caller, caller_table())
      .table(&Trunk::number_rewrite, rewrite_table("number", "Change of called numbers, after number_format."))
      .table(&Trunk::incoming_rewrite,
             rewrite_table("incoming", "Change of the numbers it calls, before [[trunk.inbound]] sees them."))
      .tables(&Trunk::rates, rate_table())
      .tables(&Trunk::inbound,
              Table<trunk::InboundRule>("inbound",
                                        "Which user an inbound number belongs to; first match; without any "
                                        "rule the number itself is the user.")
                  .parsed<routing::Pattern>("pattern", &trunk::InboundRule::pattern, parse_pattern,
                                            std::string{kPatternForm}, "The number.")
                  .required()
                  .text("user", &trunk::InboundRule::user, "The registered user.")
                  .required());
}

Table<RouteSection> route_table() {
  return Table<RouteSection>("route", "Where a number goes; the first match decides.")
      .text("name", &RouteSection::name, "Name in logs and explanations.")
      .required()
      .example("\"outside\"")
      .parsed<routing::Pattern>("match", &RouteSection::match, parse_pattern, std::string{kPatternForm},
                                "The number: digits, X (0-9), Z (1-9), N (2-9), [1-5], * and ?, a . for the rest, or "
                                "default for everything.")
      .required()
      .example("\"default\"")
      .integer("strip", &RouteSection::strip, 0, 32, "Characters cut from the front of the number.")
      .text("prefix", &RouteSection::prefix, "Characters then put in front.")
      .list("trunks", &RouteSection::trunks, "Trunks in the order to try; or [[route.choice]] tables.")
      .example(R"(["carrier"])")
      .choice<routing::Order>("order", &RouteSection::order,
                              {{"given", routing::Order::Given}, {"cost", routing::Order::Cost}},
                              "cost: the cheapest trunk for the rewritten number first ([[trunk.rate]], rates_file); "
                              "those without a rate for it are left out.")
      .choice<bool>("media", &RouteSection::relay_media, {{"relay", true}, {"off", false}},
                    "off: signalling only, media goes past this bridge.")
      .text("caller_interface", &RouteSection::caller_interface, "Relay interface of the caller's side.")
      .text("callee_interface", &RouteSection::callee_interface, "Relay interface of the trunk's side.")
      .flag("require_encryption", &RouteSection::require_encryption, "Refuse a leg with plain RTP.")
      .tables(&RouteSection::choices,
              Table<routing::Choice>("choice", "A trunk of the route, instead of a name in trunks.")
                  .text("trunk", &routing::Choice::trunk, "The trunk.")
                  .required()
                  .integer("priority", &routing::Choice::priority, 0, 65535, "The lowest is tried first.")
                  .integer("weight", &routing::Choice::weight, 0, 65535,
                           "Share among those of one priority, drawn for each call (RFC 2782); 0: seldom first."));
}

Result<common::redis::Endpoint, Complaint> parse_endpoint(std::string_view text) {
  if (const auto endpoint = common::redis::Endpoint::parse(text)) return *endpoint;
  return Err{Complaint{"is no HOST:PORT", "write e.g. redis.example.org:6379 or [2001:db8::1]:6379"}};
}

Table<RedisSection> redis_table() {
  return Table<RedisSection>("redis", "What several proxies share: registrations. Without servers nothing is shared.")
      .parsed_list<common::redis::Endpoint>("servers", &RedisSection::servers, parse_endpoint, "HOST:PORT",
                                            "Redis 7 or later, tried in turn; with sentinel_group its Sentinels.")
      .text("sentinel_group", &RedisSection::sentinel_group,
            "Name of the master that the Sentinels watch; empty: none.")
      .text("username", &RedisSection::username, "User of Redis (ACL); empty: the default user.")
      .secret("password", &RedisSection::password, "Its password; empty: none is asked for.")
      .secret("sentinel_password", &RedisSection::sentinel_password, "Password of the Sentinels; empty: none.")
      .text("prefix", &RedisSection::prefix, "Beginning of every key and channel; another one is another cluster.")
      .flag("tls", &RedisSection::tls, "Speak TLS, with the roots and the certificate of [tls].")
      .text("tls_name", &RedisSection::tls_name, "Name in the certificate of Redis; empty: any that verifies.");
}

Table<ClusterSection> cluster_table() {
  return Table<ClusterSection>("cluster",
                               "The other proxies of a pair; all share secret_file and the [[listen]] tables.")
      .text("name", &ClusterSection::name, "Of this node, in logs and lists.")
      .parsed<common::SocketAddress>("listen", &ClusterSection::listen, parse_address, std::string{kAddressForm},
                                     "Where the others reach this node; TLS with a key made of the shared secret.")
      .parsed_list<common::SocketAddress>("peers", &ClusterSection::peers, parse_address, std::string{kAddressForm},
                                          "Where the others listen.");
}

Table<UserSection> user_table() {
  return Table<UserSection>("user", "Somebody who may register and call.")
      .text("name", &UserSection::name, "User part of the address.")
      .required()
      .example("\"alice\"")
      .secret("password", &UserSection::password, "Password in clear.")
      .secret("ha1_md5", &UserSection::ha1_md5, "MD5 of name:realm:password in hexadecimal, instead of a password.")
      .secret("ha1_sha256", &UserSection::ha1_sha256, "SHA-256 of the same.");
}

Table<ProxyConfig> root_table() {
  return Table<ProxyConfig>("", "")
      .table(&ProxyConfig::proxy, proxy_table())
      .tables(&ProxyConfig::listeners, listen_table())
      .table(&ProxyConfig::relay, relay_table())
      .table(&ProxyConfig::timers,
             Table<TimerSection>("timers", "How long to wait.")
                 .duration("ringing", &TimerSection::ringing, 10s, 1h,
                           "Longest ringing (timer C); RFC 3261 wants more than three minutes.")
                 .duration("provisional", &TimerSection::provisional, 500ms, 32s,
                           "A trunk without any provisional response by then is passed over.")
                 .duration("setup", &TimerSection::setup, 1s, 5min,
                           "When no trunk has rung by then, no other one is tried and a silent one given up.")
                 .duration("next_device", &TimerSection::next_device, 1s, 5min,
                           "Unanswered by then, a user's devices stop ringing and those of the next lower q begin.")
                 .duration("session_expires", &TimerSection::session_expires, 0s, 24h,
                           "Longest session without a refresh (RFC 4028), asked of all calls, so that those without a "
                           "relay end, too; 0: as the callers wish; else 90s at least.")
                 .duration("nonce_lifetime", &TimerSection::nonce_lifetime, 30s, 1h,
                           "A digest nonce is stale after this time."))
      .table(&ProxyConfig::registrar,
             Table<RegistrarSection>("registrar", "Registrations.")
                 .duration("min_expires", &RegistrarSection::min_expires, 1s, 24h, "Shorter wishes get 423.")
                 .duration("default_expires", &RegistrarSection::default_expires, 1s, 24h, "Without a wish.")
                 .duration("max_expires", &RegistrarSection::max_expires, 1s, 24h, "Longer wishes are cut.")
                 .integer("max_bindings", &RegistrarSection::max_bindings, 1, 100, "Devices of one user."))
      .table(&ProxyConfig::limits,
             Table<LimitSection>("limits", "What peers may use.")
                 .size("max_message", &LimitSection::max_message, 2048, 1 << 20, "Largest SIP message.")
                 .integer("max_connections", &LimitSection::max_connections, 1, 1000000, "Connections in all.")
                 .integer("max_connections_per_address", &LimitSection::max_connections_per_address, 1, 1000000,
                          "Connections from one address.")
                 .duration("idle_timeout", &LimitSection::idle_timeout, 10s, 24h, "A silent connection is closed.")
                 .duration("ping_interval", &LimitSection::ping_interval, 5s, 1h,
                           "WebSocket ping; a connection that misses one is dead.")
                 .duration("handshake_timeout", &LimitSection::handshake_timeout, 1s, 60s,
                           "TLS and WebSocket handshakes end within this time."))
      .table(&ProxyConfig::admin,
             Table<AdminSection>("admin", "Health, metrics and lists over HTTP.")
                 .parsed<common::SocketAddress>("listen", &AdminSection::listen, parse_address,
                                                std::string{kAddressForm}, "Where to listen; loopback only.")
                 .example("\"127.0.0.1:8080\"")
                 .secret("token", &AdminSection::token, "Bearer token that lists ask for; empty: none."))
      .table(&ProxyConfig::tls,
             Table<TlsSection>("tls", "TLS connections that this proxy opens, to trunks.")
                 .text("ca", &TlsSection::ca, "Roots in PEM; empty: the system's.")
                 .text("certificate", &TlsSection::certificate, "Certificate to show where a trunk asks for one.")
                 .text("key", &TlsSection::key, "Its private key."))
      .table(&ProxyConfig::dns,
             Table<DnsSection>("dns", "Name resolution.")
                 .parsed_list<common::SocketAddress>("servers", &DnsSection::servers, parse_address,
                                                     std::string{kAddressForm}, "Name servers; empty: the system's.")
                 .duration("timeout", &DnsSection::timeout, 100ms, 30s, "Per try."))
      .table(&ProxyConfig::redis, redis_table())
      .table(&ProxyConfig::cluster, cluster_table())
      .table(&ProxyConfig::routing,
             Table<RoutingSection>("routing", "How dialled numbers become E.164 numbers before routes see them.")
                 .text("country_code", &RoutingSection::country_code, "E.g. 49; empty: numbers stay as dialled.")
                 .text("international_prefix", &RoutingSection::international_prefix, "E.g. 00.")
                 .text("national_prefix", &RoutingSection::national_prefix, "E.g. 0.")
                 .flag("follow_redirects", &RoutingSection::follow_redirects,
                       "Try the contacts of a user's 3xx (call forwarding) that are numbers, users or trunks of ours, "
                       "instead of passing it to the caller."))
      .tables(&ProxyConfig::users, user_table())
      .tables(&ProxyConfig::trunks, trunk_table())
      .tables(&ProxyConfig::routes, route_table());
}

}  // namespace

const Table<ProxyConfig>& declared_configuration() {
  static const Table<ProxyConfig> table = root_table();
  return table;
}

}  // namespace proxy::app
