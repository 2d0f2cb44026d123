#include "proxy/sip/via.h"

#include <catch2/catch.hpp>

using namespace proxy::sip;

TEST_CASE("the example Vias of RFC 3261 section 20.42 are read", "[sip][rfc3261]") {
  const auto plain = Via::parse("SIP/2.0/UDP erlang.bell-telephone.com:5060;branch=z9hG4bK87asdks7");
  REQUIRE(plain);
  CHECK(plain->transport == "UDP");
  CHECK(plain->host == "erlang.bell-telephone.com");
  CHECK(plain->port == 5060);
  CHECK(plain->branch() == "z9hG4bK87asdks7");

  const auto received = Via::parse("SIP/2.0/UDP 192.0.2.1:5060 ;received=192.0.2.207 ;branch=z9hG4bK77asjd");
  REQUIRE(received);
  CHECK(received->params.get("received") == "192.0.2.207");
  CHECK(received->branch() == "z9hG4bK77asjd");

  const auto spaced =
      Via::parse("SIP / 2.0 / UDP first.example.com: 4000;ttl=16 ;maddr=224.2.0.1 ;branch=z9hG4bKa7c6a8dlze.1");
  REQUIRE(spaced);
  CHECK(spaced->sent_by() == "first.example.com:4000");
  CHECK(spaced->to_string() == "SIP/2.0/UDP first.example.com:4000;ttl=16;maddr=224.2.0.1;branch=z9hG4bKa7c6a8dlze.1");
}

TEST_CASE("transport and host read the same in any case, parameters stay as written", "[sip]") {
  const auto via = Via::parse("sip/2.0/wss DF7jal23ls0d.INVALID;Branch=z9hG4bKAbC;rport");
  REQUIRE(via);
  CHECK(via->transport == "WSS");
  CHECK(via->host == "df7jal23ls0d.invalid");
  CHECK(via->branch() == "z9hG4bKAbC");
  CHECK(via->params.has("rport"));
  CHECK(via->params.get("rport").empty());
  CHECK(via->to_string() == "SIP/2.0/WSS df7jal23ls0d.invalid;Branch=z9hG4bKAbC;rport");
}

TEST_CASE("an IPv6 address has its brackets, with and without a port", "[sip][rfc5118]") {
  const auto via = Via::parse("SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=z9hG4bKas3-111");
  REQUIRE(via);
  CHECK(via->host == "[2001:db8::9:1]");
  CHECK(via->port == 0);
  CHECK(via->sent_by() == "[2001:db8::9:1]");
  CHECK(Via::parse("SIP/2.0/UDP [2001:db8::9:1] : 5062")->sent_by() == "[2001:db8::9:1]:5062");
}

TEST_CASE("a Via of RFC 2543 has no branch", "[sip][rfc4475]") {
  const auto via = Via::parse("SIP/2.0/UDP iftgw.example.com");
  REQUIRE(via);
  CHECK(via->branch().empty());
  CHECK(via->params.empty());
}

TEST_CASE("what is no Via is refused", "[sip][attack]") {
  for (const auto* text :
       {"", "SIP/2.0", "SIP/2.0/UDP", "SIP/2.0/UDP ", "SIP/2.0/ host", "SIP/2.0 host", "SIP/3.0/UDP host",
        "HTTP/2.0/UDP host", "SIP/2.0/U;x host", "SIP/2.0/UDP,TCP host", "SIP/2.0/UDP ;branch=z9hG4bK1",
        "SIP/2.0/UDP a@host", "SIP/2.0/UDP host?x=y", "SIP/2.0/UDP host:0", "SIP/2.0/UDP host:70000",
        "SIP/2.0/UDP host:", "SIP/2.0/UDP 2001:db8::1", "SIP/2.0/UDP host;=x", "SIP/2.0/UDP <host>"}) {
    CAPTURE(text);
    CHECK_FALSE(Via::parse(text));
  }
}

TEST_CASE("two hosts do not become one", "[sip][attack]") {
  CHECK_FALSE(Via::parse("SIP/2.0/UDP 192.0.2 .1"));
  CHECK_FALSE(Via::parse("SIP/2.0/UDP one two:5060"));
  CHECK_FALSE(Via::parse("SIP/2.0/UDP one:50 60"));
}
