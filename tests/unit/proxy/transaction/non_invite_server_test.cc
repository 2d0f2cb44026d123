#include "proxy/transaction/non_invite_server.h"

#include <catch2/catch.hpp>

#include "tests/support/sip_messages.h"
#include "tests/support/transaction_probe.h"

using namespace proxy::transaction;
using namespace std::chrono_literals;
using tests::drain;
using tests::Passage;
using tests::sip_request;
using tests::sip_response;
using State = NonInviteServer::State;

namespace {
const proxy::sip::Message kBye = sip_request("BYE");
}

TEST_CASE("a repeated request gets what was answered last, or nothing yet", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  NonInviteServer server{false};
  server.on_repeat();
  CHECK_FALSE(server.poll_output());
  server.respond(sip_response(kBye, 100), clock.now());
  CHECK(server.state() == State::Proceeding);
  drain(server);
  server.on_repeat();
  CHECK(drain(server).sent.front().starts_with("SIP/2.0 100"));
  server.respond(sip_response(kBye, 200), clock.now());
  drain(server);
  server.on_repeat();
  CHECK(drain(server).sent.front().starts_with("SIP/2.0 200"));
}

TEST_CASE("timer J ends an answered request after 64 T1, over a reliable transport at once", "[sip][transaction]") {
  common::ManualClock clock;
  NonInviteServer server{false};
  server.respond(sip_response(kBye, 200), clock.now());
  const Passage passed{server, clock, 40s};
  CHECK(passed.sends.size() == 1);
  CHECK(passed.ended == Ended::Why::Completed);
  CHECK(passed.ended_after == 32s);
  NonInviteServer reliable{true};
  reliable.respond(sip_response(kBye, 200), clock.now());
  CHECK(drain(reliable).ended == Ended::Why::Completed);
}

TEST_CASE("only the first final response counts", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  NonInviteServer server{false};
  server.respond(sip_response(kBye, 200), clock.now());
  server.respond(sip_response(kBye, 500), clock.now());
  CHECK(drain(server).sent.size() == 1);
}

TEST_CASE("a provisional response other than 100 and a 408 are never sent", "[sip][transaction][rfc4320]") {
  common::ManualClock clock;
  NonInviteServer server{false};
  server.respond(sip_response(kBye, 180), clock.now());
  CHECK(server.state() == State::Trying);
  server.respond(sip_response(kBye, 408), clock.now());
  server.on_repeat();
  CHECK(drain(server).sent.empty());
  CHECK(server.state() == State::Completed);
  CHECK(Passage{server, clock, 40s}.ended == Ended::Why::Completed);
}

TEST_CASE("a final response that cannot be sent ends the transaction", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  NonInviteServer server{false};
  server.respond(sip_response(kBye, 100), clock.now());
  server.on_transport_error();
  CHECK(drain(server).undelivered == 1);
  server.respond(sip_response(kBye, 200), clock.now());
  server.on_transport_error();
  CHECK(drain(server).ended == Ended::Why::TransportError);
}
