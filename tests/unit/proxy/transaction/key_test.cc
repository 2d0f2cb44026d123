#include "proxy/transaction/key.h"

#include <catch2/catch.hpp>

#include "tests/support/sip_messages.h"

using namespace proxy::transaction;
using tests::sip_request;
using tests::sip_response;

TEST_CASE("branch, sent-by and method make a server transaction; ACK has that of its INVITE", "[sip][transaction]") {
  const auto invite = server_key(sip_request("INVITE"));
  REQUIRE(invite);
  CHECK(invite == server_key(sip_request("INVITE")));
  CHECK(invite == server_key(sip_request("ACK")));
  CHECK(invite == cancelled_key(sip_request("CANCEL")));
  CHECK(invite != server_key(sip_request("CANCEL")));
  CHECK(invite != server_key(sip_request("INVITE", "z9hG4bKb2")));
  CHECK(invite != server_key(sip_request("INVITE", "z9hG4bKb1", "192.0.2.1:5070")));
  CHECK(invite != server_key(sip_request("INVITE", "z9hG4bKb1", "192.0.2.2:5060")));
}

TEST_CASE("a peer of RFC 2543 is matched by its dialog fields", "[sip][transaction][rfc3261]") {
  const auto invite = sip_request("INVITE", "1");
  auto ack = sip_request("ACK", "1");
  ack.set("To", "<sip:bob@example.org>;tag=b1");
  CHECK(server_key(invite) == server_key(ack));
  CHECK(cancelled_key(sip_request("CANCEL", "1")) == server_key(invite));
  auto next = invite;
  next.set_cseq(8);
  CHECK(server_key(next) != server_key(invite));
  auto other_call = invite;
  other_call.set("Call-ID", "call-2");
  CHECK(server_key(other_call) != server_key(invite));
  auto bye = sip_request("BYE", "1");
  auto other_bye = bye;
  other_bye.set("To", "<sip:bob@example.org>;tag=other");
  CHECK(server_key(bye) != server_key(other_bye));
}

TEST_CASE("the magic cookie alone is no branch", "[sip][transaction]") {
  const auto first = sip_request("INVITE", "z9hG4bK");
  auto second = first;
  second.set("Call-ID", "call-2");
  CHECK(server_key(first) != server_key(second));
}

TEST_CASE("a response belongs to the request with its branch and CSeq method", "[sip][transaction]") {
  const auto invite = sip_request("INVITE");
  CHECK(client_key(invite) == client_key(sip_response(invite, 180)));
  CHECK(client_key(invite) != client_key(sip_response(sip_request("CANCEL"), 200)));
}

TEST_CASE("without a readable Via or CSeq there is no key", "[sip][transaction][attack]") {
  auto request = sip_request("INVITE");
  request.set("CSeq", "x");
  CHECK_FALSE(server_key(request));
  CHECK_FALSE(client_key(request));
  request = sip_request("INVITE");
  request.remove("Via");
  CHECK_FALSE(server_key(request));
}
