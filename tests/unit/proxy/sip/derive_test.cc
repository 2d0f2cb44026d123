#include "proxy/sip/derive.h"

#include <catch2/catch.hpp>

using namespace proxy::sip;

namespace {

/// The INVITE of RFC 3261 §17.1.1.3 with what a proxy adds and a body.
Message example_invite() {
  Message invite = Message::request("INVITE", "sip:bob@biloxi.com");
  invite.append("Via", "SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKkjshdyff");
  invite.append("Via", "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKbelow");
  invite.append("Record-Route", "<sip:p.atlanta.com;lr>");
  invite.append("Route", "<sip:first.example;lr>");
  invite.append("Route", "<sip:second.example;lr>");
  invite.append("To", "Bob <sip:bob@biloxi.com>");
  invite.append("From", "Alice <sip:alice@atlanta.com>;tag=88sja8x");
  invite.append("Max-Forwards", "7");
  invite.append("Call-ID", "987asjd97y7atg");
  invite.append("CSeq", "986759 INVITE");
  invite.append("Proxy-Authorization", "Digest username=\"alice\"");
  invite.set_body("v=0\r\n", "application/sdp");
  return invite;
}

std::string expected(std::string_view method, std::string_view to, std::string_view more = {}) {
  return std::string{method}
      .append(
          " sip:bob@biloxi.com SIP/2.0\r\n"
          "Via: SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKkjshdyff\r\n"
          "Route: <sip:first.example;lr>\r\nRoute: <sip:second.example;lr>\r\nMax-Forwards: 70\r\n"
          "From: Alice <sip:alice@atlanta.com>;tag=88sja8x\r\nTo: ")
      .append(to)
      .append("\r\nCall-ID: 987asjd97y7atg\r\nCSeq: 986759 ")
      .append(method)
      .append("\r\n")
      .append(more)
      .append("Content-Length: 0\r\n\r\n");
}

}  // namespace

TEST_CASE("the ACK of a failure is that of RFC 3261 section 17.1.1.3", "[sip][rfc3261]") {
  Message response = Message::response(486, "Busy Here");
  response.append("To", "Bob <sip:bob@biloxi.com>;tag=99sa0xk");
  response.append("Via", "SIP/2.0/UDP pc33.atlanta.com;branch=z9hG4bKkjshdyff;received=192.0.2.1");
  CHECK(make_ack_for_failure(example_invite(), response).to_string() ==
        expected("ACK", "Bob <sip:bob@biloxi.com>;tag=99sa0xk"));
}

TEST_CASE("a CANCEL repeats what identifies its INVITE, and nothing that it carried", "[sip][rfc3261]") {
  CHECK(make_cancel(example_invite()).to_string() == expected("CANCEL", "Bob <sip:bob@biloxi.com>"));
}

TEST_CASE("a CANCEL says why where somebody knows", "[sip][rfc3326]") {
  const auto* reason = "SIP ;cause=200 ;text=\"Call completed elsewhere\"";
  CHECK(make_cancel(example_invite(), reason).to_string() ==
        expected("CANCEL", "Bob <sip:bob@biloxi.com>", std::string{"Reason: "} + reason + "\r\n"));
}
