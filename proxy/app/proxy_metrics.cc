#include "proxy/app/proxy_metrics.h"

#include <array>
#include <string>

namespace proxy::app {
namespace {

using common::metrics::Family;
using common::metrics::Kind;

constexpr Family kReceived{"proxy_sip_received_messages_total", Kind::Counter, "SIP messages received."};
constexpr Family kSent{"proxy_sip_sent_messages_total", Kind::Counter, "SIP messages sent."};
constexpr Family kReceivedBytes{"proxy_sip_received_bytes_total", Kind::Counter, "Bytes of them."};
constexpr Family kSentBytes{"proxy_sip_sent_bytes_total", Kind::Counter, "Bytes of them."};
constexpr Family kOpen{"proxy_connections", Kind::Gauge, "Connections now."};
constexpr Family kAccepted{"proxy_connections_accepted_total", Kind::Counter, "Connections that peers opened."};
constexpr Family kConnected{"proxy_connections_opened_total", Kind::Counter, "Connections that we opened."};
constexpr Family kClosed{"proxy_connections_closed_total", Kind::Counter, "Connections ended, by reason."};
constexpr Family kSendFailed{"proxy_sip_send_failures_total", Kind::Counter, "Messages that could not be sent."};
constexpr Family kRefusedConnections{"proxy_connections_refused_total", Kind::Counter,
                                     "Connections and datagrams turned away."};
constexpr Family kKeepalives{"proxy_keepalives_total", Kind::Counter, "Keep-alives of RFC 5626 received."};

constexpr Family kTransactions{"proxy_transactions", Kind::Gauge, "Transactions now."};
constexpr Family kRepeats{"proxy_repeated_requests_total", Kind::Counter, "Requests absorbed as retransmissions."};
constexpr Family kOverload{"proxy_overload_refusals_total", Kind::Counter,
                           "Requests answered 503 because of the limit of transactions."};

constexpr Family kRequests{"proxy_requests_total", Kind::Counter, "Requests worked on, by method."};
constexpr Family kRejected{"proxy_rejected_requests_total", Kind::Counter,
                           "Requests that were not forwarded, by class of the answer."};
constexpr Family kForwardings{"proxy_forwardings", Kind::Gauge, "Requests being forwarded with state now."};
constexpr Family kStateless{"proxy_stateless_requests_total", Kind::Counter,
                            "Requests inside dialogs forwarded without a transaction."};
constexpr Family kStrays{"proxy_stray_responses_total", Kind::Counter, "Responses without a transaction, by result."};
constexpr Family kDroppedAcks{"proxy_dropped_acks_total", Kind::Counter, "ACKs without a dialog of ours."};
constexpr Family kTeardowns{"proxy_teardowns_total", Kind::Counter, "Calls ended because their media had ended."};
constexpr Family kMalformed{"proxy_malformed_messages_total", Kind::Counter, "Messages not processed, by reason."};

constexpr Family kRegistrations{"proxy_registrations", Kind::Gauge, "Bindings now."};
constexpr Family kRegisters{"proxy_registers_total", Kind::Counter, "REGISTER requests, by result."};
constexpr Family kLostBindings{"proxy_bindings_lost_total", Kind::Counter, "Bindings gone with their connection."};

constexpr Family kRelayHealthy{"proxy_relay_healthy", Kind::Gauge, "1 while the relay answers."};
constexpr Family kRelayRequests{"proxy_relay_requests_total", Kind::Counter, "Requests to the relay."};
constexpr Family kRelayFailures{"proxy_relay_failures_total", Kind::Counter,
                                "Requests to the relay that ended without a reply, by reason."};
constexpr Family kRelayRunning{"proxy_relay_requests_running", Kind::Gauge, "Requests that wait for the relay now."};

constexpr std::array<std::string_view, transport::kCloseReasons> kCloseReasons{
    "peer-closed", "idle", "ping-timeout", "write-timeout", "protocol-error", "tls-error", "shutdown"};
constexpr std::array<std::string_view, transport::kSendErrors> kSendErrors{"connection-gone", "unreachable",
                                                                           "too-large", "queue-full", "tls-identity"};
constexpr std::array<std::string_view, transport::kRefusals> kRefusals{
    "too-many-connections", "too-many-from-source", "out-of-descriptors",
    "tls-handshake",        "websocket-handshake",  "origin",
    "handshake-timeout",    "oversize-datagram",    "proxy-header"};
constexpr std::array<std::string_view, 7> kClasses{"none", "1xx", "2xx", "3xx", "4xx", "5xx", "6xx"};

double number(auto value) { return static_cast<double>(value); }

template <std::size_t N>
void add_each(common::metrics::Page& page, const Family& family, const std::array<std::uint64_t, N>& values,
              std::string_view label, const std::array<std::string_view, N>& names) {
  for (std::size_t i = 0; i < N; ++i) page.add(family, number(values[i]), {{label, names[i]}});
}

}  // namespace

void write_transport_metrics(common::metrics::Page& page, const transport::Stats& stats) {
  add_each(page, kReceived, stats.received_messages, "transport", transport::kKindNames);
  add_each(page, kSent, stats.sent_messages, "transport", transport::kKindNames);
  add_each(page, kReceivedBytes, stats.received_bytes, "transport", transport::kKindNames);
  add_each(page, kSentBytes, stats.sent_bytes, "transport", transport::kKindNames);
  add_each(page, kOpen, stats.open, "transport", transport::kKindNames);
  add_each(page, kAccepted, stats.accepted, "transport", transport::kKindNames);
  add_each(page, kConnected, stats.connected, "transport", transport::kKindNames);
  add_each(page, kClosed, stats.closed, "reason", kCloseReasons);
  add_each(page, kSendFailed, stats.send_failed, "reason", kSendErrors);
  add_each(page, kRefusedConnections, stats.refused, "reason", kRefusals);
  page.add(kKeepalives, number(stats.keepalives));
}

void write_transaction_metrics(common::metrics::Page& page, const transaction::Table& table) {
  page.add(kTransactions, number(table.servers()), {{"role", "server"}});
  page.add(kTransactions, number(table.clients()), {{"role", "client"}});
  page.add(kRepeats, number(table.stats().repeats));
  page.add(kOverload, number(table.stats().refused));
}

void write_core_metrics(common::metrics::Page& page, const core::ProxyCore& core,
                        const worker::WorkerCounters& counters) {
  const core::CoreCounters& numbers = core.counters();
  for (const auto& [method, count] : numbers.requests) page.add(kRequests, number(count), {{"method", method}});
  for (std::size_t i = 3; i < kClasses.size(); ++i) {
    page.add(kRejected, number(numbers.rejected[i]), {{"class", kClasses[i]}});
  }
  page.add(kForwardings, number(core.forwardings()));
  page.add(kStateless, number(numbers.stateless_requests));
  page.add(kStrays, number(numbers.stray_responses - numbers.refused_responses), {{"result", "forwarded"}});
  page.add(kStrays, number(numbers.refused_responses), {{"result", "refused"}});
  page.add(kDroppedAcks, number(numbers.dropped_acks));
  page.add(kTeardowns, number(numbers.teardowns));
  for (std::size_t i = 0; i < counters.unparsable.size(); ++i) {
    const auto error = static_cast<sip::ParseError>(i);
    if (error != sip::ParseError::KeepAlive) {
      page.add(kMalformed, number(counters.unparsable[i]), {{"reason", sip::to_string(error)}});
    }
  }
  page.add(kMalformed, number(counters.refused), {{"reason", "refused-request"}});
  page.add(kMalformed, number(counters.dropped_responses), {{"reason", "faulty-response"}});
}

void write_registrar_metrics(common::metrics::Page& page, const registrar::Registrar::Counters& counters,
                             std::size_t bindings) {
  page.add(kRegistrations, number(bindings));
  page.add(kRegisters, number(counters.accepted), {{"result", "accepted"}});
  page.add(kRegisters, number(counters.too_brief), {{"result", "too-brief"}});
  page.add(kRegisters, number(counters.rejected), {{"result", "rejected"}});
  page.add(kLostBindings, number(counters.dropped_with_connection));
}

void write_relay_metrics(common::metrics::Page& page, const std::vector<relay_pool::RelayStatus>& relays) {
  for (const relay_pool::RelayStatus& relay : relays) {
    const std::string address = relay.address.to_string();
    page.add(kRelayHealthy, relay.healthy ? 1 : 0, {{"relay", address}});
    page.add(kRelayRequests, number(relay.requests), {{"relay", address}});
    page.add(kRelayFailures, number(relay.failures - relay.timeouts), {{"relay", address}, {"reason", "unreachable"}});
    page.add(kRelayFailures, number(relay.timeouts), {{"relay", address}, {"reason", "deadline"}});
    page.add(kRelayRunning, number(relay.in_flight), {{"relay", address}});
  }
}

}  // namespace proxy::app
