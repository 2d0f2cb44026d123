#include "proxy/sip/uri.h"

#include <catch2/catch.hpp>

using namespace proxy::sip;

TEST_CASE("a URI is taken apart and put together again", "[sip]") {
  const auto uri = Uri::parse("sips:+49%2d30;ext=7:pw@[2001:DB8::1]:5061;transport=TCP;lr?Subject=x");
  REQUIRE(uri);
  CHECK(uri->scheme == "sips");
  CHECK(uri->user == "+49%2d30;ext=7:pw");
  CHECK(uri->host == "[2001:db8::1]");
  CHECK(uri->port == 5061);
  CHECK(uri->params.get("transport") == "TCP");
  CHECK(uri->params.has("LR"));
  CHECK(uri->headers == "Subject=x");
  CHECK(Uri::parse(uri->to_string()) == *uri);
}

TEST_CASE("the example URIs of RFC 3261 section 19.1.3 come out as they went in", "[sip][rfc3261]") {
  for (const auto* text :
       {"sip:alice@atlanta.com", "sip:alice:secretword@atlanta.com;transport=tcp",
        "sips:alice@atlanta.com?subject=project%20x&priority=urgent", "sip:+1-212-555-1212:1234@gateway.com;user=phone",
        "sips:1212@gateway.com", "sip:alice@192.0.2.4", "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
        "sip:alice;day=tuesday@atlanta.com"}) {
    CAPTURE(text);
    const auto uri = Uri::parse(text);
    REQUIRE(uri);
    CHECK(uri->to_string() == text);
  }
  const auto request = Uri::parse("sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com");
  CHECK(request->user.empty());
  CHECK(request->host == "atlanta.com");
  CHECK(request->params.get("method") == "REGISTER");
  CHECK(request->headers == "to=alice%40atlanta.com");
}

TEST_CASE("URIs that differ in the case of scheme and host are equal", "[sip][rfc3261]") {  // §19.1.4
  CHECK(Uri::parse("SIP:alice@AtLanTa.CoM;transport=udp") == Uri::parse("sip:alice@atlanta.com;transport=udp"));
  CHECK(Uri::parse("sip:[2001:DB8::1]") == Uri::parse("sip:[2001:db8::1]"));
}

TEST_CASE("URIs that RFC 3261 section 19.1.4 tells apart are different", "[sip][rfc3261]") {
  using Pair = std::pair<const char*, const char*>;
  for (const auto& [one, other] :
       {Pair{"SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"},
        Pair{"sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"},
        Pair{"sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"},
        Pair{"sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"},
        Pair{"sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"},
        Pair{"sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"}, Pair{"sip:bob@biloxi.com", "sips:bob@biloxi.com"},
        Pair{"sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;newparam=6"}}) {
    CAPTURE(one, other);
    REQUIRE(Uri::parse(one));
    REQUIRE(Uri::parse(other));
    CHECK_FALSE(Uri::parse(one) == Uri::parse(other));
  }
}

TEST_CASE("what is no URI is refused", "[sip][attack]") {
  for (const auto* text : {"", ":", "bob", "sip:", "sip:@host", "sip:a@", "sip:a@:5060", "sip:a@b c", "si p:a@b",
                           "sip:a@b\r\nX: y", "sip:a<b@c", "sip:a>b@c", "sip:a@b;=x", "sip:a@b;p q", "<sip:a@b>"}) {
    CAPTURE(text);
    CHECK_FALSE(Uri::parse(text));
  }
  CHECK_FALSE(Uri::parse(std::string(33, 'x') + ":a"));
  CHECK_FALSE(Uri::parse(std::string_view{"sip:a\0b@host", 12}));
}

TEST_CASE("a host is a name or an address with brackets where it has colons", "[sip][rfc3261]") {
  for (const auto* text : {"sip:[2001:db8::1", "sip:[]", "sip:[::1]x", "sip:[::1]5060", "sip:2001:db8::1", "sip:[name]",
                           "sip:a@b@c", "sip:ex%61mple.org", "sip:a/b", "sip:[::1]:"}) {
    CAPTURE(text);
    CHECK_FALSE(Uri::parse(text));
  }
  CHECK_FALSE(Uri::parse("sip:" + std::string(256, 'h')));
  CHECK(Uri::parse("sip:" + std::string(255, 'h')));
  CHECK(Uri::parse("sip:[::ffff:192.0.2.1]:5060;lr")->port == 5060);
}

TEST_CASE("a port is a number from 1 to 65535", "[sip]") {
  CHECK(Uri::parse("sip:a@b:1")->port == 1);
  CHECK(Uri::parse("sip:a@b:65535")->port == 65535);
  for (const auto* text : {"sip:a@b:", "sip:a@b:0", "sip:a@b:65536", "sip:a@b:-1", "sip:a@b:+5060", "sip:a@b:506O"})
    CHECK_FALSE(Uri::parse(text));
}

TEST_CASE("a question mark or semicolon before the @ belongs to the user", "[sip][rfc3261]") {
  const auto uri = Uri::parse("sip:what?;lr@example.org?Subject=x@y");
  REQUIRE(uri);
  CHECK(uri->user == "what?;lr");
  CHECK(uri->params.empty());
  CHECK(uri->headers == "Subject=x@y");
}

TEST_CASE("a URI of another scheme is kept whole", "[sip][rfc3966]") {
  const auto number = Uri::parse("TEL:+49-30;phone-context=Example.ORG");
  REQUIRE(number);
  CHECK_FALSE(number->is_sip());
  CHECK(number->scheme == "tel");
  CHECK(number->opaque == "+49-30;phone-context=Example.ORG");
  CHECK(number->host.empty());
  CHECK(number->to_string() == "tel:+49-30;phone-context=Example.ORG");
  CHECK(Uri::parse("urn:service:sos")->opaque == "service:sos");
}

TEST_CASE("routes compare the user without password, parameters and escapes", "[sip]") {
  CHECK(Uri::parse("sip:+1-212-555-1212:1234@gateway.com")->plain_user() == "+1-212-555-1212");
  CHECK(Uri::parse("sip:alice;day=tuesday@atlanta.com")->plain_user() == "alice");
  CHECK(Uri::parse("sip:%61lice%40home@atlanta.com")->plain_user() == "alice@home");
  CHECK(Uri::parse("tel:+4930;phone-context=x")->plain_user() == "+4930");
  CHECK(Uri::parse("sip:atlanta.com")->plain_user().empty());
}

TEST_CASE("an escape that is broken or hides a control character or space stays as it is", "[sip][attack]") {
  for (const auto* user : {"a%00b", "a%0d%0Ab", "a%20b", "a%7Fb", "a%C3%A4b", "a%", "a%4", "a%4x", "%"})
    CHECK(Uri::parse("sip:" + std::string{user} + "@b")->plain_user() == user);
}

TEST_CASE("a SIPS URI is known in any case of its scheme", "[sip]") {
  CHECK(is_sips("SIPS:a@b"));
  CHECK_FALSE(is_sips("sip:s@b"));
  CHECK_FALSE(is_sips("sips"));
}

TEST_CASE("an escaped user part ends nowhere but at its end", "[sip][attack]") {
  CHECK(escape_user("+49-30_.!~*'()") == "+49-30_.!~*'()");
  CHECK(escape_user("1;rn=2") == "1%3Brn%3D2");
  CHECK(escape_user("a@b:c?d&e %\n\xC3") == "a%40b%3Ac%3Fd%26e%20%25%0A%C3");
  const std::string odd = "a;b=c@d:5060?e\"<f>/%41";
  const auto uri = Uri::parse("sip:" + escape_user(odd) + "@example.org");
  REQUIRE(uri);
  CHECK(uri->host == "example.org");
  CHECK(uri->plain_user() == odd);
}
