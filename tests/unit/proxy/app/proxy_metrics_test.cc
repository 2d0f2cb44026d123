#include "proxy/app/proxy_metrics.h"

#include <catch2/catch.hpp>

using namespace proxy;
using Catch::Contains;

namespace {

template <class Enum>
constexpr std::size_t at(Enum value) {
  return static_cast<std::size_t>(value);
}

}  // namespace

TEST_CASE("the page tells messages and connections by transport", "[metrics]") {
  transport::Stats stats;
  stats.received_messages[at(transport::Kind::Wss)] = 3;
  stats.sent_bytes[at(transport::Kind::Udp)] = 500;
  stats.open[at(transport::Kind::Tls)] = 2;
  stats.keepalives = 9;
  common::metrics::Page page;
  app::write_transport_metrics(page, stats);
  const std::string text = page.text();
  CHECK_THAT(text, Contains("proxy_sip_received_messages_total{transport=\"wss\"} 3\n"));
  CHECK_THAT(text, Contains("proxy_sip_received_messages_total{transport=\"udp\"} 0\n"));
  CHECK_THAT(text, Contains("proxy_sip_sent_bytes_total{transport=\"udp\"} 500\n"));
  CHECK_THAT(text, Contains("# TYPE proxy_connections gauge\n"));
  CHECK_THAT(text, Contains("proxy_connections{transport=\"tls\"} 2\n"));
  CHECK_THAT(text, Contains("proxy_keepalives_total 9\n"));
}

TEST_CASE("every way a connection or message ends is told under its own name", "[metrics]") {
  using transport::CloseReason;
  using transport::Refusal;
  using transport::SendError;
  transport::Stats stats;
  stats.closed[at(CloseReason::PeerClosed)] = 1;
  stats.closed[at(CloseReason::WriteTimeout)] = 2;
  stats.closed[at(CloseReason::Shutdown)] = 3;
  stats.send_failed[at(SendError::ConnectionGone)] = 4;
  stats.send_failed[at(SendError::TlsIdentity)] = 5;
  stats.refused[at(Refusal::TooManyConnections)] = 6;
  stats.refused[at(Refusal::Origin)] = 7;
  stats.refused[at(Refusal::OversizeDatagram)] = 8;
  common::metrics::Page page;
  app::write_transport_metrics(page, stats);
  const std::string text = page.text();
  CHECK_THAT(text, Contains("proxy_connections_closed_total{reason=\"peer-closed\"} 1\n"));
  CHECK_THAT(text, Contains("proxy_connections_closed_total{reason=\"write-timeout\"} 2\n"));
  CHECK_THAT(text, Contains("proxy_connections_closed_total{reason=\"shutdown\"} 3\n"));
  CHECK_THAT(text, Contains("proxy_sip_send_failures_total{reason=\"connection-gone\"} 4\n"));
  CHECK_THAT(text, Contains("proxy_sip_send_failures_total{reason=\"tls-identity\"} 5\n"));
  CHECK_THAT(text, Contains("proxy_connections_refused_total{reason=\"too-many-connections\"} 6\n"));
  CHECK_THAT(text, Contains("proxy_connections_refused_total{reason=\"origin\"} 7\n"));
  CHECK_THAT(text, Contains("proxy_connections_refused_total{reason=\"oversize-datagram\"} 8\n"));
}

TEST_CASE("the page tells registrations, and of a relay what failed and why", "[metrics]") {
  common::metrics::Page page;
  app::write_registrar_metrics(page, {.accepted = 1, .too_brief = 2, .rejected = 3, .dropped_with_connection = 4}, 5);
  relay_pool::RelayStatus relay;
  relay.address = *common::SocketAddress::parse("127.0.0.1:2223");
  relay.healthy = true;
  relay.requests = 10;
  relay.failures = 7;
  relay.timeouts = 4;
  relay.in_flight = 2;
  app::write_relay_metrics(page, {relay});
  const std::string text = page.text();
  CHECK_THAT(text, Contains("proxy_registrations 5\n"));
  CHECK_THAT(text, Contains("proxy_registers_total{result=\"too-brief\"} 2\n"));
  CHECK_THAT(text, Contains("proxy_bindings_lost_total 4\n"));
  CHECK_THAT(text, Contains("proxy_relay_healthy{relay=\"127.0.0.1:2223\"} 1\n"));
  CHECK_THAT(text, Contains("reason=\"unreachable\",relay=\"127.0.0.1:2223\"} 3\n") ||
                       Contains("relay=\"127.0.0.1:2223\",reason=\"unreachable\"} 3\n"));
  CHECK_THAT(text, Contains("reason=\"deadline\",relay=\"127.0.0.1:2223\"} 4\n") ||
                       Contains("relay=\"127.0.0.1:2223\",reason=\"deadline\"} 4\n"));
  CHECK_THAT(text, Contains("proxy_relay_requests_running{relay=\"127.0.0.1:2223\"} 2\n"));
}
