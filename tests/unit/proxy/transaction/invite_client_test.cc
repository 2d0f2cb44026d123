#include "proxy/transaction/invite_client.h"

#include <catch2/catch.hpp>

#include "tests/support/sip_messages.h"
#include "tests/support/transaction_probe.h"

using namespace proxy::transaction;
using namespace std::chrono_literals;
using tests::drain;
using tests::Passage;
using tests::sip_request;
using tests::sip_response;
using State = InviteClient::State;
using Times = std::vector<common::Duration>;

TEST_CASE("an INVITE is repeated at T1, then at doubled pauses, until timer B", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  InviteClient client{sip_request("INVITE"), false, clock.now()};
  const Passage passed{client, clock, 40s};
  CHECK(passed.sends == Times{0ms, 500ms, 1500ms, 3500ms, 7500ms, 15500ms, 31500ms});
  CHECK(passed.ended == Ended::Why::Timeout);
  CHECK(passed.ended_after == 32s);
  CHECK(client.state() == State::Terminated);
  CHECK_FALSE(client.next_timeout());
}

TEST_CASE("over a reliable transport an INVITE is sent once", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  InviteClient client{sip_request("INVITE"), true, clock.now()};
  const Passage passed{client, clock, 40s};
  CHECK(passed.sends == Times{0ms});
  CHECK(passed.ended == Ended::Why::Timeout);
}

TEST_CASE("a provisional response stops timers A and B", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  InviteClient client{sip_request("INVITE"), false, clock.now()};
  client.on_response(sip_response(client.invite(), 180), clock.now());
  CHECK(drain(client).delivered == std::vector{180});
  CHECK(client.state() == State::Proceeding);
  CHECK_FALSE(client.next_timeout());
  client.on_response(sip_response(client.invite(), 183), clock.now());
  CHECK(drain(client).delivered == std::vector{183});
}

TEST_CASE("a failure is acknowledged, and each repeat of it again, until timer D", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  InviteClient client{sip_request("INVITE"), false, clock.now()};
  drain(client);
  client.on_response(sip_response(client.invite(), 486, "busy"), clock.now());
  auto said = drain(client);
  CHECK(said.delivered == std::vector{486});
  REQUIRE(said.sent.size() == 1);
  const auto ack = proxy::sip::Message::parse(said.sent.front());
  REQUIRE(ack);
  CHECK(ack->is("ACK"));
  CHECK(ack->all("Via") == client.invite().all("Via"));
  CHECK(ack->all("Route") == client.invite().all("Route"));
  CHECK(ack->to_tag() == "busy");
  CHECK(ack->get("CSeq") == "7 ACK");
  clock.advance(10s);
  client.on_response(sip_response(client.invite(), 486, "busy"), clock.now());
  said = drain(client);
  CHECK(said.sent.size() == 1);
  CHECK(said.delivered.empty());
  const Passage rest{client, clock, 40s};
  CHECK(rest.sends.empty());
  CHECK(rest.ended == Ended::Why::Completed);
  CHECK(rest.ended_after == 22s);
}

TEST_CASE("over a reliable transport a failure ends the transaction at once", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  InviteClient client{sip_request("INVITE"), true, clock.now()};
  client.on_response(sip_response(client.invite(), 503), clock.now());
  const auto said = drain(client);
  CHECK(said.sent.size() == 2);
  CHECK(said.ended == Ended::Why::Completed);
}

TEST_CASE("every 2xx passes for 64 T1 after the first, also of other forks", "[sip][transaction][rfc6026]") {
  common::ManualClock clock;
  InviteClient client{sip_request("INVITE"), false, clock.now()};
  client.on_response(sip_response(client.invite(), 200, "fork1"), clock.now());
  CHECK(client.state() == State::Accepted);
  clock.advance(31s);
  client.on_response(sip_response(client.invite(), 200, "fork2"), clock.now());
  client.on_response(sip_response(client.invite(), 486, "fork3"), clock.now());
  client.on_response(sip_response(client.invite(), 180, "fork4"), clock.now());
  const auto said = drain(client);
  CHECK(said.delivered == std::vector{200, 200});
  CHECK(said.sent.size() == 1);  // the INVITE: ACK for 2xx is not the transaction's
  const Passage rest{client, clock, 2s};
  CHECK(rest.ended == Ended::Why::Completed);
  CHECK(rest.ended_after == 1s);
}

TEST_CASE("after a CANCEL a silent callee ends the transaction in 64 T1", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  InviteClient client{sip_request("INVITE"), false, clock.now()};
  client.on_response(sip_response(client.invite(), 180), clock.now());
  client.on_cancelled(clock.now());
  const Passage passed{client, clock, 40s};
  CHECK(passed.ended == Ended::Why::Timeout);
  CHECK(passed.ended_after == 32s);
}

TEST_CASE("a transport error ends an INVITE client only while it waits for the first answer or acknowledges",
          "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  InviteClient calling{sip_request("INVITE"), false, clock.now()};
  calling.on_transport_error();
  CHECK(drain(calling).ended == Ended::Why::TransportError);
  InviteClient proceeding{sip_request("INVITE"), false, clock.now()};
  proceeding.on_response(sip_response(proceeding.invite(), 180), clock.now());
  proceeding.on_transport_error();
  CHECK_FALSE(drain(proceeding).ended);
  InviteClient completed{sip_request("INVITE"), false, clock.now()};
  completed.on_response(sip_response(completed.invite(), 404), clock.now());
  completed.on_transport_error();
  CHECK(drain(completed).ended == Ended::Why::TransportError);
}

TEST_CASE("a terminated INVITE client says nothing more", "[sip][transaction]") {
  common::ManualClock clock;
  InviteClient client{sip_request("INVITE"), false, clock.now()};
  client.on_transport_error();
  drain(client);
  client.on_response(sip_response(client.invite(), 200), clock.now());
  client.on_timeout(clock.now() + 100s);
  client.on_transport_error();
  client.on_cancelled(clock.now());
  CHECK_FALSE(client.poll_output());
  CHECK_FALSE(client.next_timeout());
}
