#include "proxy/sip/name_addr.h"

#include <catch2/catch.hpp>

using namespace proxy::sip;

TEST_CASE("the example contacts of RFC 3261 section 20.10 are read", "[sip][rfc3261]") {
  const auto watson = NameAddr::parse("\"Mr. Watson\" <sip:watson@worcester.bell-telephone.com>;q=0.7; expires=3600");
  REQUIRE(watson);
  CHECK(watson->display == "\"Mr. Watson\"");
  CHECK(watson->uri.to_string() == "sip:watson@worcester.bell-telephone.com");
  CHECK(watson->params.get("q") == "0.7");
  CHECK(watson->params.get("expires") == "3600");
  const auto mail = NameAddr::parse("\"Mr. Watson\" <mailto:watson@bell-telephone.com> ;q=0.1");
  REQUIRE(mail);
  CHECK_FALSE(mail->uri.is_sip());
  CHECK(mail->params.get("q") == "0.1");
  CHECK(NameAddr::parse("<sips:bob@192.0.2.4>;expires=60")->display.empty());
}

TEST_CASE("the example parties of RFC 3261 sections 20.20 and 20.39 are read", "[sip][rfc3261]") {
  CHECK(NameAddr::parse("\"A. G. Bell\" <sip:agb@bell-telephone.com> ;tag=a48s")->tag() == "a48s");
  CHECK(NameAddr::parse("sip:+12125551212@server.phone2net.com;tag=887s")->tag() == "887s");
  const auto anonymous = NameAddr::parse("Anonymous <sip:c8oqz84zk7z@privacy.org>;tag=hyh8");
  CHECK(anonymous->display == "Anonymous");
  CHECK(anonymous->tag() == "hyh8");
  CHECK(NameAddr::parse("The Operator <sip:operator@cs.columbia.edu>;tag=287447")->display == "The Operator");
}

TEST_CASE("parameters belong to the URI inside of brackets and to the field outside", "[sip][rfc3261]") {
  const auto bare = NameAddr::parse("sip:bob@example.org;tag=x");
  REQUIRE(bare);
  CHECK(bare->tag() == "x");
  CHECK(bare->uri.params.empty());
  const auto both = NameAddr::parse("<sip:bob@example.org;tag=uri>;tag=field");
  REQUIRE(both);
  CHECK(both->tag() == "field");
  CHECK(both->uri.params.get("tag") == "uri");
  CHECK(NameAddr::parse("<sip:p.example.org;lr>;x=\"a;b\"")->params.get("x") == "\"a;b\"");
}

TEST_CASE("brackets in a quoted display name open no URI", "[sip][attack]") {
  const auto value = NameAddr::parse("\"<sip:evil@example.com>\" <sip:bob@example.org>");
  REQUIRE(value);
  CHECK(value->uri.user == "bob");
  CHECK(NameAddr::parse("\"a \\\" <sip:evil@example.com>\"<sip:bob@example.org>")->uri.user == "bob");
}

TEST_CASE("header fields of a URI need brackets around it", "[sip][rfc3261]") {
  CHECK_FALSE(NameAddr::parse("sip:bob@example.org?Route=%3Csip:evil.example%3E"));
  CHECK(NameAddr::parse("<sip:bob@example.org?Subject=x>")->uri.headers == "Subject=x");
}

TEST_CASE("what is no address is refused", "[sip][attack]") {
  for (const auto* text : {"", "Bob", "<>", "<bob>", "<sip:bob@example.org", "sip:bob@example.org>", "\"Bob <sip:a@b>",
                           "<sip:a@b> c", "<sip:a@b>;=x", "<sip:a@b>,<sip:c@d>", "Bob sip:a@b", "*"}) {
    CAPTURE(text);
    CHECK_FALSE(NameAddr::parse(text));
  }
}

TEST_CASE("an address is written with brackets and reads the same again", "[sip]") {
  CHECK(NameAddr::parse("sip:bob@example.org;tag=x")->to_string() == "<sip:bob@example.org>;tag=x");
  CHECK(NameAddr::parse("  Bob  <sip:bob@example.org;lr> ; tag = x")->to_string() ==
        "Bob <sip:bob@example.org;lr>;tag=x");
  CHECK(NameAddr::parse("\"B \\\"o\\\" b\"<sip:bob@example.org>")->to_string() ==
        "\"B \\\"o\\\" b\" <sip:bob@example.org>");
}
