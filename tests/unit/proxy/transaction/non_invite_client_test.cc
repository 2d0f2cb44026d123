#include "proxy/transaction/non_invite_client.h"

#include <catch2/catch.hpp>

#include "tests/support/sip_messages.h"
#include "tests/support/transaction_probe.h"

using namespace proxy::transaction;
using namespace std::chrono_literals;
using tests::drain;
using tests::Passage;
using tests::sip_request;
using tests::sip_response;
using State = NonInviteClient::State;
using Times = std::vector<common::Duration>;

TEST_CASE("a request is repeated at doubled pauses up to T2, until timer F", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  NonInviteClient client{sip_request("BYE"), false, clock.now()};
  const Passage passed{client, clock, 40s};
  CHECK(passed.sends ==
        Times{0ms, 500ms, 1500ms, 3500ms, 7500ms, 11500ms, 15500ms, 19500ms, 23500ms, 27500ms, 31500ms});
  CHECK(passed.ended == Ended::Why::Timeout);
  CHECK(passed.ended_after == 32s);
}

TEST_CASE("after a provisional response repeats come every T2", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  const auto request = sip_request("OPTIONS");
  NonInviteClient client{request, false, clock.now()};
  drain(client);
  client.on_response(sip_response(request, 100), clock.now());
  CHECK(drain(client).delivered == std::vector{100});
  const Passage passed{client, clock, 40s};
  CHECK(passed.sends.front() == 500ms);
  CHECK(passed.sends[1] == 4500ms);
  CHECK(passed.sends[2] == 8500ms);
  CHECK(passed.ended == Ended::Why::Timeout);
  CHECK(passed.ended_after == 32s);
}

TEST_CASE("a final response passes once; timer K absorbs its repeats", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  const auto request = sip_request("BYE");
  NonInviteClient client{request, false, clock.now()};
  client.on_response(sip_response(request, 200), clock.now());
  client.on_response(sip_response(request, 200), clock.now());
  CHECK(drain(client).delivered == std::vector{200});
  CHECK(client.state() == State::Completed);
  const Passage passed{client, clock, 10s};
  CHECK(passed.sends.empty());
  CHECK(passed.ended == Ended::Why::Completed);
  CHECK(passed.ended_after == 5s);
}

TEST_CASE("over a reliable transport a request is sent once and ends with its response", "[sip][transaction]") {
  common::ManualClock clock;
  const auto request = sip_request("BYE");
  NonInviteClient client{request, true, clock.now()};
  CHECK(Passage{client, clock, 10s}.sends == Times{0ms});
  client.on_response(sip_response(request, 481), clock.now());
  const auto said = drain(client);
  CHECK(said.delivered == std::vector{481});
  CHECK(said.ended == Ended::Why::Completed);
  NonInviteClient silent{request, true, clock.now()};
  CHECK(Passage{silent, clock, 40s}.ended_after == 32s);
}

TEST_CASE("a transport error ends a request that waits, not one that was answered", "[sip][transaction][rfc3261]") {
  common::ManualClock clock;
  const auto request = sip_request("BYE");
  NonInviteClient waiting{request, false, clock.now()};
  waiting.on_transport_error();
  CHECK(drain(waiting).ended == Ended::Why::TransportError);
  NonInviteClient answered{request, false, clock.now()};
  answered.on_response(sip_response(request, 200), clock.now());
  answered.on_transport_error();
  CHECK_FALSE(drain(answered).ended);
}
