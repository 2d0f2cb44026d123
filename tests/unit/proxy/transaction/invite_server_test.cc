#include "proxy/transaction/invite_server.h"

#include <catch2/catch.hpp>

#include "tests/support/sip_messages.h"
#include "tests/support/transaction_probe.h"

using namespace proxy::transaction;
using namespace std::chrono_literals;
using tests::drain;
using tests::Passage;
using tests::sip_request;
using tests::sip_response;
using State = InviteServer::State;
using Times = std::vector<common::Duration>;

namespace {
const proxy::sip::Message kInvite = sip_request("INVITE");
}

TEST_CASE("100 Trying goes out after 200 ms, once, and only if nobody answered", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  InviteServer silent{kInvite, false, clock.now()};
  CHECK_FALSE(silent.poll_output());
  const Passage passed{silent, clock, 60s};
  CHECK(passed.sends == Times{200ms});
  CHECK_FALSE(passed.ended);  // how long a call may ring is the core's timer C

  InviteServer answered{kInvite, false, clock.now()};
  clock.advance(100ms);
  answered.respond(sip_response(kInvite, 180), clock.now());
  drain(answered);
  CHECK(Passage{answered, clock, 60s}.sends.empty());
}

TEST_CASE("a repeated INVITE gets the last provisional response", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  InviteServer server{kInvite, false, clock.now()};
  server.on_repeat();
  CHECK(drain(server).sent.empty());
  clock.advance(200ms);
  server.on_timeout(clock.now());
  drain(server);
  server.on_repeat();
  CHECK(drain(server).sent.front().starts_with("SIP/2.0 100 Trying"));
  server.respond(sip_response(kInvite, 180), clock.now());
  drain(server);
  server.on_repeat();
  CHECK(drain(server).sent.front().starts_with("SIP/2.0 180"));
}

TEST_CASE("a failure is repeated by timer G up to T2, until timer H", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  InviteServer server{kInvite, false, clock.now()};
  server.respond(sip_response(kInvite, 486), clock.now());
  const Passage passed{server, clock, 40s};
  CHECK(passed.sends ==
        Times{0ms, 500ms, 1500ms, 3500ms, 7500ms, 11500ms, 15500ms, 19500ms, 23500ms, 27500ms, 31500ms});
  CHECK(passed.ended == Ended::Why::Timeout);
  CHECK(passed.ended_after == 32s);
}

TEST_CASE("over a reliable transport a failure is sent once and waits for its ACK", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  InviteServer server{kInvite, true, clock.now()};
  server.respond(sip_response(kInvite, 486), clock.now());
  CHECK(Passage{server, clock, 10s}.sends == Times{0ms});
  CHECK(server.on_ack(clock.now()));
  CHECK(drain(server).ended == Ended::Why::Completed);
}

TEST_CASE("the ACK of a failure stops repeats; timer I absorbs further ones", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  InviteServer server{kInvite, false, clock.now()};
  server.respond(sip_response(kInvite, 486), clock.now());
  drain(server);
  server.on_repeat();
  CHECK(drain(server).sent.size() == 1);
  CHECK(server.on_ack(clock.now()));
  CHECK(server.state() == State::Confirmed);
  CHECK(server.on_ack(clock.now()));
  server.on_repeat();
  const Passage passed{server, clock, 10s};
  CHECK(passed.sends.empty());
  CHECK(passed.ended == Ended::Why::Completed);
  CHECK(passed.ended_after == 5s);
}

TEST_CASE("after a 2xx repeats are absorbed, further 2xx and ACKs pass, until timer L", "[sip][transaction][rfc6026]") {
  common::ManualClock clock;
  InviteServer server{kInvite, false, clock.now()};
  server.respond(sip_response(kInvite, 200, "fork1"), clock.now());
  CHECK(server.state() == State::Accepted);
  CHECK(drain(server).sent.size() == 1);
  server.on_repeat();
  CHECK(drain(server).sent.empty());
  CHECK_FALSE(server.on_ack(clock.now()));
  server.respond(sip_response(kInvite, 200, "fork2"), clock.now());
  CHECK(drain(server).sent.size() == 1);
  server.respond(sip_response(kInvite, 486), clock.now());
  CHECK(drain(server).sent.empty());
  const Passage passed{server, clock, 40s};
  CHECK(passed.sends.empty());
  CHECK(passed.ended == Ended::Why::Completed);
  CHECK(passed.ended_after == 32s);
}

TEST_CASE("only the first final response of a failure counts", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  InviteServer server{kInvite, false, clock.now()};
  server.respond(sip_response(kInvite, 404), clock.now());
  server.respond(sip_response(kInvite, 200), clock.now());
  server.respond(sip_response(kInvite, 180), clock.now());
  CHECK(drain(server).sent.size() == 1);
  CHECK(server.state() == State::Completed);
}

TEST_CASE("a lost response leaves a ringing or answered call, and ends a failed one", "[sip][transaction][rfc6026]") {
  common::ManualClock clock;
  InviteServer server{kInvite, false, clock.now()};
  server.respond(sip_response(kInvite, 180), clock.now());
  server.on_transport_error();
  auto said = drain(server);
  CHECK(said.undelivered == 1);
  CHECK_FALSE(said.ended);
  server.respond(sip_response(kInvite, 500), clock.now());
  server.on_transport_error();
  said = drain(server);
  CHECK(said.ended == Ended::Why::TransportError);
  CHECK_FALSE(server.next_timeout());
}
