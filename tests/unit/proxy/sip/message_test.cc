#include <catch2/catch.hpp>

#include "proxy/sip/message.h"

using namespace proxy::sip;

namespace {

constexpr std::string_view kInvite =
    "INVITE sip:bob@example.org SIP/2.0\r\n"
    "v: SIP/2.0/UDP 10.0.0.1:5062;branch=z9hG4bK1;rport, SIP/2.0/TCP [2001:db8::1] ;branch=z9hG4bK0\r\n"
    "Max-Forwards: 70\r\n"
    "f: \"Al, ice\" <sip:alice@example.org>;tag=a1\r\n"
    "t: <sip:bob@example.org>\r\n"
    "i: call@10.0.0.1\r\n"
    "CSeq: 7 INVITE\r\n"
    "Subject: folded\r\n"
    " line\r\n"
    "c: application/sdp\r\n"
    "l: 5\r\n"
    "\r\n"
    "v=0\r\nrest";

}  // namespace

TEST_CASE("a request is read with compact names, lists, folding and a cut at Content-Length", "[sip]") {
  const auto message = Message::parse(kInvite);
  REQUIRE(message);
  CHECK(message->is("INVITE"));
  CHECK(message->request_uri() == "sip:bob@example.org");
  CHECK(message->all("Via").size() == 2);
  CHECK(message->top_via()->branch() == "z9hG4bK1");
  CHECK(message->top_via()->sent_by() == "10.0.0.1:5062");
  CHECK(message->from_tag() == "a1");
  CHECK(message->from()->display == "\"Al, ice\"");
  CHECK(message->to_tag().empty());
  CHECK(message->call_id() == "call@10.0.0.1");
  CHECK(message->cseq()->number == 7);
  CHECK(message->get("Subject") == "folded line");
  CHECK(message->body() == "v=0\r\n");
  CHECK(message->has_sdp());
}

TEST_CASE("what is written reads the same again", "[sip]") {
  auto message = *Message::parse(kInvite);
  message.prepend("Via", "SIP/2.0/WSS x.invalid;branch=z9hG4bK2");
  message.set("Max-Forwards", "69");
  message.set_body("v=1\r\n", "application/sdp");
  const auto again = Message::parse(message.to_string());
  REQUIRE(again);
  CHECK(again->to_string() == message.to_string());
  CHECK(again->all("Via").size() == 3);
  CHECK(again->top_via()->transport == "WSS");
}

TEST_CASE("a response repeats the fields of its request and gets a tag", "[sip]") {
  const auto request = *Message::parse(kInvite);
  const auto response = Message::response_to(request, 486, "Busy Here", "zz");
  CHECK(response.status() == 486);
  CHECK(response.all("Via") == request.all("Via"));
  CHECK(response.to_tag() == "zz");
  CHECK(Message::response_to(request, 100, "Trying", "zz").to_tag().empty());
}

TEST_CASE("what is not SIP is refused with its reason", "[sip][attack]") {
  CHECK(Message::parse("\r\n\r\n").error() == ParseError::KeepAlive);
  CHECK(Message::parse("").error() == ParseError::KeepAlive);
  CHECK(Message::parse("GET / HTTP/1.1\r\n\r\n").error() == ParseError::BadStartLine);
  CHECK(Message::parse("INVITE sip:a@b SIP/3.0\r\n\r\n").error() == ParseError::BadVersion);
  CHECK(Message::parse("INVITE sip:a@b SIP/2.0\r\nno colon\r\n\r\n").error() == ParseError::BadHeader);
  CHECK(Message::parse("INVITE sip:a@b SIP/2.0\r\nVia: x\r\n").error() == ParseError::Truncated);
  CHECK(Message::parse("INVITE sip:a@b SIP/2.0\r\nl: 9\r\n\r\nabc").error() == ParseError::Truncated);
  CHECK(Message::parse("INVITE sip:a@b SIP/2.0\r\nl: -1\r\n\r\nabc").error() == ParseError::BadHeader);
  std::string many = "OPTIONS sip:a@b SIP/2.0\r\n";
  for (int i = 0; i < 300; ++i) many += "X-Y: z\r\n";
  CHECK(Message::parse(many + "\r\n").error() == ParseError::TooManyHeaders);
}
