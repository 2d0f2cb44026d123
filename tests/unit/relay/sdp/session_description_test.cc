#include "relay/sdp/session_description.h"

#include <catch2/catch.hpp>

using namespace relay::sdp;

namespace {

constexpr std::string_view kOffer =
    "v=0\r\no=- 42 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\na=future:kept\r\n"
    "m=audio 49170/2 RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=x-unknown\r\na=rtpmap:101 telephone-event/8000\r\n"
    "m=image 0 udptl t38\r\n";

}  // namespace

TEST_CASE("what is not understood survives in place and order", "[sdp]") {
  const auto description = parse(kOffer);
  REQUIRE(description);
  std::string expected(kOffer);
  expected.replace(expected.find("49170/2"), 7, "49170");
  CHECK(write(*description) == expected);
  CHECK(parse(write(*description)) == *description);
}

TEST_CASE("lines may end in LF alone and are written with CRLF", "[sdp]") {
  const auto description = parse("v=0\no=- 1 1 IN IP4 0.0.0.0\ns=-\nt=0 0\nm=audio 9 RTP/AVP 0\n");
  REQUIRE(description);
  CHECK(write(*description) == "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n");
}

TEST_CASE("an error says what is wrong and where", "[sdp]") {
  const auto text = [](std::string_view sdp) { return parse(sdp).error().to_string(); };
  CHECK(text("") == "SDP is empty");
  CHECK(text("s=-\r\n") == "SDP does not begin with v=0 (line 1)");
  CHECK(text("v=0\r\nnonsense\r\n") == "SDP line is not of the form <type>=<value> (line 2)");
  CHECK(text("v=0\r\nm=audio x RTP/AVP 0\r\n").find("(line 2)") != std::string::npos);
  CHECK(text(std::string(70000, 'a')) == "SDP is longer than 64 KiB");
  std::string many = "v=0\r\n";
  for (int i = 0; i < 40; ++i) many += "m=audio 9 RTP/AVP 0\r\n";
  CHECK(text(many).starts_with("SDP has more than 32 media sections"));
}

TEST_CASE("attributes are found by name, with and without a value", "[sdp]") {
  const auto description = *parse(kOffer);
  CHECK(description.session.attribute("future") == "kept");
  CHECK(description.media[0].lines.has("x-unknown"));
  CHECK(description.media[0].lines.attributes("rtpmap").size() == 2);
  CHECK_FALSE(description.media[0].lines.attribute("rtp"));
}

TEST_CASE("a missing connection line is put where it belongs", "[sdp]") {
  auto description = *parse("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=x\r\n");
  description.session.set('c', "IN IP4 192.0.2.9");
  CHECK(write(description) == "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\na=x\r\n");
}
