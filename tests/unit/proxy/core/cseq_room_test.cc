#include "proxy/core/cseq_room.h"

#include <catch2/catch.hpp>

#include "tests/support/sip_messages.h"

using namespace proxy::core;

TEST_CASE("CSeq numbers towards a trunk that challenges leave room for three more attempts", "[core][pair]") {
  auto first = tests::sip_request("INVITE");
  REQUIRE(spread_cseq(first, 0));
  CHECK(first.cseq()->number == 28);
  auto third = tests::sip_request("INVITE");
  REQUIRE(spread_cseq(third, 3));
  CHECK(third.cseq()->number == 31);
  auto response = tests::sip_response(third, 200);
  join_cseq(response);
  CHECK(response.cseq()->number == 7);
}

TEST_CASE("RAck follows the CSeq of the response it names", "[core][rfc3262]") {
  auto prack = tests::sip_request("PRACK");
  prack.append("RAck", "776656 7 INVITE");
  REQUIRE(spread_cseq(prack, 0, 1));
  CHECK(prack.cseq()->number == 28);
  CHECK(prack.get("RAck") == "776656 29 INVITE");
}

TEST_CASE("a number beyond 2^29 has no room", "[core][pair]") {
  auto request = tests::sip_request("INVITE");
  request.set_cseq(kMaxSpreadCseq);
  CHECK(spread_cseq(request, 3));
  CHECK(request.cseq()->number < 0x80000000);
  request.set_cseq(kMaxSpreadCseq + 1);
  CHECK_FALSE(spread_cseq(request, 0));
}
