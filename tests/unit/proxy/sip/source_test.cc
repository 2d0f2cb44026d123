#include "proxy/sip/source.h"

#include <catch2/catch.hpp>

using namespace proxy::sip;

namespace {

Message request_with(std::string_view via) {
  Message request = Message::request("OPTIONS", "sip:example.org");
  if (!via.empty()) request.append("Via", via);
  request.append("Via", "SIP/2.0/UDP 10.9.9.9;branch=z9hG4bKbelow");
  return request;
}

common::SocketAddress address(std::string_view text) { return *common::SocketAddress::parse(text); }

std::string stamped(std::string_view via, std::string_view source) {
  Message request = request_with(via);
  stamp_source(request, address(source));
  CHECK(request.all("Via").back() == "SIP/2.0/UDP 10.9.9.9;branch=z9hG4bKbelow");
  return std::string{request.get("Via")};
}

std::string answered_to(std::string_view via, std::string_view source) {
  return response_address(request_with(via), address(source)).to_string();
}

std::string called_back_at(std::string_view via, std::string_view source) {
  return callback_address(request_with(via), address(source)).to_string();
}

}  // namespace

TEST_CASE("the client behind NAT of RFC 3581 section 5 is stamped and answered where it sends from", "[sip][rfc3581]") {
  const auto* via = "SIP/2.0/UDP 10.1.1.1:4540;rport;branch=z9hG4bKkjshdyff";
  CHECK(stamped(via, "192.0.2.1:9988") ==
        "SIP/2.0/UDP 10.1.1.1:4540;rport=9988;branch=z9hG4bKkjshdyff;received=192.0.2.1");
  CHECK(answered_to(via, "192.0.2.1:9988") == "192.0.2.1:9988");
}

TEST_CASE("a Via that does not name its source gets it, RFC 3261 section 18.2.1", "[sip][rfc3261]") {
  CHECK(stamped("SIP/2.0/UDP bobspc.biloxi.com:5060", "192.0.2.4:5060") ==
        "SIP/2.0/UDP bobspc.biloxi.com:5060;received=192.0.2.4");
  CHECK(stamped("SIP/2.0/TCP 192.0.2.5;branch=z9hG4bK1", "192.0.2.4:40000") ==
        "SIP/2.0/TCP 192.0.2.5;branch=z9hG4bK1;received=192.0.2.4");
}

TEST_CASE("a Via that names its source is left as it is", "[sip][rfc3261]") {
  CHECK(stamped("SIP/2.0/UDP 192.0.2.4:5060;branch=z9hG4bK1", "192.0.2.4:5062") ==
        "SIP/2.0/UDP 192.0.2.4:5060;branch=z9hG4bK1");
  CHECK(stamped("SIP/2.0/UDP [2001:db8:0::1];branch=z9hG4bK1", "[2001:db8::1]:5060") ==
        "SIP/2.0/UDP [2001:db8:0::1];branch=z9hG4bK1");
}

TEST_CASE("where a request comes from is nothing that its sender says", "[sip][attack]") {
  CHECK(stamped("SIP/2.0/UDP 192.0.2.4;received=203.0.113.1;branch=z9hG4bK1", "192.0.2.4:5060") ==
        "SIP/2.0/UDP 192.0.2.4;branch=z9hG4bK1");
  CHECK(stamped("SIP/2.0/UDP 192.0.2.4;received=203.0.113.1;rport=1", "192.0.2.4:5062") ==
        "SIP/2.0/UDP 192.0.2.4;rport=5062;received=192.0.2.4");
  CHECK(answered_to("SIP/2.0/UDP host.example:5090;maddr=203.0.113.1;received=203.0.113.2", "192.0.2.4:5060") ==
        "192.0.2.4:5090");
}

TEST_CASE("without rport the answer goes to the port of the Via, 5060 if it has none", "[sip][rfc3261]") {
  CHECK(answered_to("SIP/2.0/UDP 192.0.2.4:5090", "192.0.2.4:40000") == "192.0.2.4:5090");
  CHECK(answered_to("SIP/2.0/UDP phone.example", "192.0.2.4:40000") == "192.0.2.4:5060");
  CHECK(answered_to("SIP/2.0/UDP 198.51.100.9:5090", "192.0.2.4:40000") == "192.0.2.4:5090");
}

TEST_CASE("a private address in the Via that is not the source tells of NAT", "[sip]") {
  CHECK(answered_to("SIP/2.0/UDP 10.1.1.1:5090", "192.0.2.4:40000") == "192.0.2.4:40000");
  CHECK(answered_to("SIP/2.0/UDP 10.1.1.1:5090", "10.1.1.1:40000") == "10.1.1.1:5090");
}

TEST_CASE("a caller is called back at its source, at the port that its Via names", "[sip][rfc3261]") {
  CHECK(called_back_at("SIP/2.0/TCP 192.0.2.4:5080;rport", "192.0.2.4:40000") == "192.0.2.4:5080");
  CHECK(called_back_at("SIP/2.0/TCP elsewhere.example", "192.0.2.4:40000") == "192.0.2.4:5060");
}

TEST_CASE("a request without a usable Via is left alone and answered to its source", "[sip]") {
  const auto source = address("192.0.2.4:40000");
  Message request = Message::request("OPTIONS", "sip:example.org");
  SECTION("none") {}
  SECTION("unreadable") { request.append("Via", "SIP/2.0/UDP"); }
  const std::string before = request.to_string();
  stamp_source(request, source);
  CHECK(request.to_string() == before);
  CHECK(response_address(request, source) == source);
  CHECK(callback_address(request, source).to_string() == "192.0.2.4:5060");
}
