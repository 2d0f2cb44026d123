#include "proxy/transaction/table.h"

#include <catch2/catch.hpp>

#include "common/time/manual_clock.h"
#include "tests/support/sip_messages.h"
#include "tests/support/table_probe.h"

using namespace proxy::transaction;
using namespace std::chrono_literals;
using proxy::sip::Message;
using tests::drain;
using tests::parsed;
using tests::sip_request;
using tests::sip_response;
using tests::udp_destination;
using tests::udp_flow;
using tests::wss_flow;

namespace {

/// Until nothing is due any more, or `span` has passed.
void pass(Table& table, common::ManualClock& clock, common::Duration span) {
  const common::Instant end = clock.now() + span;
  while (const auto next = table.next_timeout()) {
    if (*next > end) break;
    clock.advance_to(*next);
    table.on_timeout(clock.now());
  }
  clock.advance_to(end);
}

event::Request receive(Table& table, const Message& message, const common::ManualClock& clock,
                       const proxy::transport::Flow& flow = udp_flow()) {
  table.on_request(message, flow, clock.now());
  auto said = drain(table);
  REQUIRE(said.requests.size() == 1);
  return std::move(said.requests.front());
}

}  // namespace

TEST_CASE("a new request is told once; its repeat is absorbed and answered", "[sip][transaction]") {
  common::ManualClock clock;
  Table table;
  const auto request = receive(table, sip_request("BYE"), clock);
  CHECK(request.request.top_via()->params.get("received") == "192.0.2.1");
  table.on_request(sip_request("BYE"), udp_flow(), clock.now());
  CHECK_FALSE(table.poll_event());
  table.respond(request.id, sip_response(request.request, 200), clock.now());
  CHECK(drain(table).transmits.size() == 1);
  table.on_request(sip_request("BYE"), udp_flow(), clock.now());
  const auto said = drain(table);
  REQUIRE(said.transmits.size() == 1);
  CHECK(parsed(said.transmits.front()).status() == 200);
  CHECK(said.requests.empty());
  CHECK(table.stats().repeats == 2);
}

TEST_CASE("a response to a datagram goes where its Via allows", "[sip][transaction][rfc3581]") {
  common::ManualClock clock;
  Table table;
  const auto answered_at = [&](std::string_view branch, std::string_view via, std::string_view source) {
    const auto request = receive(table, sip_request("BYE", branch, via), clock, udp_flow(source));
    table.respond(request.id, sip_response(request.request, 200), clock.now());
    const auto said = drain(table);
    return std::get<proxy::transport::Flow>(said.transmits.front().hop).remote.to_string();
  };
  CHECK(answered_at("z9hG4bK1", "192.0.2.7:5070;rport", "198.51.100.9:6000") == "198.51.100.9:6000");
  CHECK(answered_at("z9hG4bK2", "192.0.2.7:5070", "192.0.2.7:6000") == "192.0.2.7:5070");
  CHECK(answered_at("z9hG4bK3", "pc.example.org", "192.0.2.7:6000") == "192.0.2.7:5060");
  CHECK(answered_at("z9hG4bK4", "10.0.0.4:5070", "198.51.100.9:6000") == "198.51.100.9:6000");
  CHECK(answered_at("z9hG4bK5", "192.0.2.7:5070;maddr=203.0.113.1", "192.0.2.7:6000") == "192.0.2.7:5070");
}

TEST_CASE("a request of a connection is answered on its connection", "[sip][transaction]") {
  common::ManualClock clock;
  Table table;
  const auto request = receive(table, sip_request("BYE", "z9hG4bK1", "x7.invalid"), clock, wss_flow());
  table.respond(request.id, sip_response(request.request, 200), clock.now());
  const auto said = drain(table);
  CHECK(std::get<proxy::transport::Flow>(said.transmits.front().hop) == wss_flow());
  CHECK(said.ended.size() == 1);
  CHECK(table.servers() == 0);
}

TEST_CASE("the ACK of a failure is absorbed, that of a 2xx told", "[sip][transaction][rfc6026]") {
  common::ManualClock clock;
  Table table;
  const auto failed = receive(table, sip_request("INVITE"), clock);
  table.respond(failed.id, sip_response(failed.request, 486), clock.now());
  table.on_request(sip_request("ACK"), udp_flow(), clock.now());
  CHECK(drain(table).acks.empty());
  CHECK(table.stats().acks == 1);

  const auto answered = receive(table, sip_request("INVITE", "z9hG4bK2"), clock);
  table.respond(answered.id, sip_response(answered.request, 200), clock.now());
  table.on_request(sip_request("ACK", "z9hG4bK3"), udp_flow(), clock.now());
  CHECK(drain(table).acks.size() == 1);
  table.on_request(sip_request("ACK", "z9hG4bK2"), udp_flow(), clock.now());
  CHECK(drain(table).acks.size() == 1);
}

TEST_CASE("a CANCEL names the INVITE it is for, or none", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  Table table;
  const auto invite = receive(table, sip_request("INVITE"), clock);
  table.on_request(sip_request("CANCEL"), udp_flow(), clock.now());
  auto said = drain(table);
  REQUIRE(said.cancels.size() == 1);
  CHECK(said.requests.empty());
  CHECK(said.cancels.front().invite == invite.id);
  table.respond(said.cancels.front().id, sip_response(said.cancels.front().request, 200), clock.now());
  CHECK(parsed(drain(table).transmits.front()).get("CSeq") == "7 CANCEL");
  table.on_request(sip_request("CANCEL", "z9hG4bKother"), udp_flow(), clock.now());
  said = drain(table);
  REQUIRE(said.cancels.size() == 1);
  CHECK(said.cancels.front().invite == TransactionId{});
}

TEST_CASE("a response finds its client transaction, others are strays", "[sip][transaction]") {
  common::ManualClock clock;
  Table table;
  const auto invite = sip_request("INVITE", "z9hG4bKours");
  const auto id = table.send_request(invite, udp_destination(), clock.now());
  REQUIRE(id);
  CHECK(drain(table).transmits.front().id == *id);
  table.on_response(sip_response(invite, 180), udp_flow(), clock.now());
  auto said = drain(table);
  REQUIRE(said.responses.size() == 1);
  CHECK(said.responses.front().id == *id);
  table.on_response(sip_response(sip_request("INVITE", "z9hG4bKalien"), 200), udp_flow(), clock.now());
  said = drain(table);
  CHECK(said.responses.empty());
  CHECK(said.strays.size() == 1);
}

TEST_CASE("a branch that runs already is not started twice", "[sip][transaction]") {
  common::ManualClock clock;
  Table table;
  REQUIRE(table.send_request(sip_request("INVITE"), udp_destination(), clock.now()));
  const auto again = table.send_request(sip_request("INVITE"), udp_destination(), clock.now());
  REQUIRE_FALSE(again);
  CHECK(again.error() == SendError::AlreadyRunning);
}

TEST_CASE("an INVITE is cancelled as soon as it has a provisional response", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  Table table;
  const auto invite = sip_request("INVITE", "z9hG4bKours");
  const auto id = *table.send_request(invite, udp_destination(), clock.now());
  drain(table);
  table.cancel(id, clock.now(), "SIP;cause=200");
  CHECK_FALSE(table.poll_event());
  table.on_response(sip_response(invite, 100), udp_flow(), clock.now());
  auto said = drain(table);
  REQUIRE(said.transmits.size() == 1);
  const auto cancel = parsed(said.transmits.front());
  CHECK(cancel.is("CANCEL"));
  CHECK(cancel.get("Reason") == "SIP;cause=200");
  CHECK(cancel.all("Via") == std::vector<std::string>{std::string{invite.get("Via")}});
  CHECK(cancel.all("Route") == invite.all("Route"));
  table.cancel(id, clock.now());  // once is enough
  table.on_response(sip_response(cancel, 200), udp_flow(), clock.now());
  said = drain(table);
  CHECK(said.transmits.empty());
  CHECK(said.responses.empty());
  table.on_response(sip_response(invite, 487), udp_flow(), clock.now());
  said = drain(table);
  REQUIRE(said.responses.size() == 1);
  CHECK(parsed(said.transmits.front()).is("ACK"));
  pass(table, clock, 60s);
  CHECK(table.clients() == 0);
}

TEST_CASE("a cancelled INVITE whose callee stays silent ends in time", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  Table table;
  const auto invite = sip_request("INVITE", "z9hG4bKours");
  const auto id = *table.send_request(invite, wss_flow(), clock.now());
  table.on_response(sip_response(invite, 180), wss_flow(), clock.now());
  table.cancel(id, clock.now());
  drain(table);
  pass(table, clock, 33s);
  const auto said = drain(table);
  REQUIRE(said.ended.size() == 1);
  CHECK(said.ended.front().id == id);
  CHECK(said.ended.front().why == Ended::Why::Timeout);
  CHECK(table.clients() == 0);
}

TEST_CASE("a transport error reaches the transaction whose bytes were lost", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  Table table;
  const auto id = *table.send_request(sip_request("INVITE"), udp_destination(), clock.now());
  const auto request = receive(table, sip_request("INVITE", "z9hG4bKin"), clock);
  drain(table);
  table.on_transport_error(id);
  table.on_transport_error(request.id);
  table.on_transport_error({12345});
  const auto said = drain(table);
  REQUIRE(said.ended.size() == 1);
  CHECK(said.ended.front().id == id);
  CHECK(said.ended.front().why == Ended::Why::TransportError);
  REQUIRE(said.undelivered.size() == 1);
  CHECK(said.undelivered.front().id == request.id);
}

TEST_CASE("a discarded request leaves nothing behind", "[sip][transaction]") {
  common::ManualClock clock;
  Table table;
  const auto request = receive(table, sip_request("BYE"), clock);
  table.discard(request.id);
  CHECK(table.servers() == 0);
  table.respond(request.id, sip_response(request.request, 200), clock.now());
  CHECK_FALSE(table.poll_event());
  receive(table, sip_request("BYE"), clock);
}

TEST_CASE("above the limit requests get 503, repeats and ACKs still find their own", "[sip][transaction][attack]") {
  common::ManualClock clock;
  Table table{{.servers = 2, .clients = 1}};
  const auto first = receive(table, sip_request("INVITE", "z9hG4bK1"), clock);
  receive(table, sip_request("INVITE", "z9hG4bK2"), clock);
  table.on_request(sip_request("INVITE", "z9hG4bK3"), udp_flow(), clock.now());
  const auto said = drain(table);
  CHECK(said.requests.empty());
  REQUIRE(said.transmits.size() == 1);
  CHECK(parsed(said.transmits.front()).status() == 503);
  CHECK(parsed(said.transmits.front()).has("Retry-After"));
  CHECK(table.stats().refused == 1);
  table.respond(first.id, sip_response(first.request, 486), clock.now());
  table.on_request(sip_request("ACK", "z9hG4bK1"), udp_flow(), clock.now());
  CHECK(drain(table).acks.empty());
  REQUIRE(table.send_request(sip_request("BYE"), udp_destination(), clock.now()));
  CHECK(table.send_request(sip_request("INFO"), udp_destination(), clock.now()).error() == SendError::TooMany);
}

TEST_CASE("when all timers have run, nothing is left", "[sip][transaction]") {
  common::ManualClock clock;
  Table table;
  for (const std::string branch : {"z9hG4bK1", "z9hG4bK2", "z9hG4bK3"}) {
    const bool call = branch != "z9hG4bK3";
    const auto in = receive(table, sip_request(call ? "INVITE" : "INFO", branch), clock);
    table.respond(in.id, sip_response(in.request, branch == "z9hG4bK1" ? 200 : 486), clock.now());
    REQUIRE(table.send_request(sip_request(call ? "INVITE" : "INFO", branch), udp_destination(), clock.now()));
    drain(table);
  }
  table.on_response(sip_response(sip_request("INVITE", "z9hG4bK1"), 200), udp_flow(), clock.now());
  table.on_response(sip_response(sip_request("INFO", "z9hG4bK3"), 100), udp_flow(), clock.now());
  drain(table);
  pass(table, clock, 200s);
  const auto said = drain(table);
  CHECK(said.ended.size() == 6);
  CHECK(table.servers() == 0);
  CHECK(table.clients() == 0);
  CHECK_FALSE(table.next_timeout());
}
