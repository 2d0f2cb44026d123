#include "proxy/sip/sanity.h"

#include <catch2/catch.hpp>

#include "tests/support/sip_messages.h"

using namespace proxy::sip;
using tests::sip_request;
using tests::sip_response;

namespace {

std::string reason(const Message& message) {
  const auto fault = check(message);
  return fault ? std::to_string(fault->status).append(" ").append(fault->reason) : "none";
}

Message with(std::string_view name, std::string_view value) {
  Message message = sip_request("INVITE");
  message.set(name, value);
  return message;
}

Message with_added(std::string_view name, std::string_view value) {
  Message message = sip_request("INVITE");
  message.append(name, value);
  return message;
}

Message to_uri(const std::string& uri) {
  Message message = sip_request("INVITE");
  message.set_request_uri(uri);
  return message;
}

std::string refused(std::string_view bytes, ParseError error) {
  const auto answer = refusal(bytes, error);
  return answer ? std::to_string(answer->status()).append(" ").append(answer->reason()) : "nothing";
}

}  // namespace

TEST_CASE("a request and a response as they should be are without fault", "[sip]") {
  CHECK_FALSE(check(sip_request("INVITE")));
  CHECK_FALSE(check(sip_response(sip_request("INVITE"), 200)));
}

TEST_CASE("a missing or repeated mandatory field is a fault", "[sip][rfc3261]") {
  for (const auto* name : {"From", "To", "Call-ID", "CSeq"}) {
    CAPTURE(name);
    Message message = sip_request("INVITE");
    const std::string value{message.get(name)};
    message.append(name, value);
    CHECK(reason(message) == "400 Repeated Header Field");
    message.remove(name);
    CHECK(reason(message) == "400 Missing Mandatory Header Field");
  }
  Message bare = sip_request("INVITE");
  bare.remove("Via");
  CHECK(reason(bare) == "400 Missing Via");
  bare = sip_request("INVITE");
  bare.remove("Max-Forwards");
  CHECK(reason(bare) == "none");
}

TEST_CASE("fields that decide something stand once", "[sip][attack]") {
  for (const auto* name : {"Max-Forwards", "Content-Type", "Expires", "Min-Expires"}) {
    CAPTURE(name);
    Message message = with(name, "1");
    CHECK(reason(message) == "none");
    message.append(name, "1");
    CHECK(reason(message) == "400 Repeated Header Field");
  }
}

TEST_CASE("a fault says which field cannot be read", "[sip]") {
  CHECK(reason(with("From", "Bob")) == "400 Bad From");
  CHECK(reason(with("To", "<sip:bob@>")) == "400 Bad To");
  CHECK(reason(with("CSeq", "INVITE")) == "400 Bad CSeq");
  CHECK(reason(with("CSeq", "7 BYE")) == "400 CSeq Method Mismatch");
  CHECK(reason(with("CSeq", "7 invite")) == "400 CSeq Method Mismatch");
  CHECK(reason(with("Max-Forwards", "256")) == "400 Bad Max-Forwards");
  CHECK(reason(with("Max-Forwards", "")) == "400 Bad Max-Forwards");
  CHECK(reason(with_added("Via", "SIP/2.0/UDP")) == "400 Bad Via");
  CHECK(reason(with_added("Route", "sip:")) == "400 Bad Route");
  CHECK(reason(with_added("Record-Route", "<bob>")) == "400 Bad Route");
  CHECK(reason(with_added("Path", "bob")) == "400 Bad Route");
  CHECK(reason(with_added("Contact", "bob")) == "400 Bad Contact");
  CHECK(reason(with_added("Contact", "*")) == "none");
}

TEST_CASE("a response's CSeq may name any method", "[sip]") {
  Message response = sip_response(sip_request("INVITE"), 200);
  response.set("CSeq", "7 BYE");
  CHECK(reason(response) == "none");
  response.set("CSeq", "7");
  CHECK(reason(response) == "400 Bad CSeq");
}

TEST_CASE("a Call-ID is one word of bounded length", "[sip]") {
  for (const auto* bad : {"", "a b", "a\tb", "a,b", "a;b"}) CHECK(reason(with("Call-ID", bad)) == "400 Bad Call-ID");
  CHECK(reason(with("Call-ID", "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{")) == "none");
  CHECK(reason(with("Call-ID", std::string(kMaxCallIdLength, 'i'))) == "none");
  CHECK(reason(with("Call-ID", std::string(kMaxCallIdLength + 1, 'i'))) == "400 Bad Call-ID");
}

TEST_CASE("a Request-URI is one that can be served, and of bounded length", "[sip][rfc3261]") {
  CHECK(reason(to_uri("sips:bob@example.org")) == "none");
  CHECK(reason(to_uri("tel:+4930")) == "none");
  CHECK(reason(to_uri("mailto:bob@example.org")) == "416 Unsupported URI Scheme");
  CHECK(reason(to_uri("bob")) == "400 Bad Request-URI");
  CHECK(reason(to_uri("sip:bob@example.org?Subject=x")) == "400 Header Fields in Request-URI");
  const std::string rest = "@example.org";
  const auto of_length = [&](std::size_t length) { return "sip:" + std::string(length - 4 - rest.size(), 'u') + rest; };
  CHECK(reason(to_uri(of_length(kMaxUriLength))) == "none");
  CHECK(reason(to_uri(of_length(kMaxUriLength + 1))) == "414 Request-URI Too Long");
}

TEST_CASE("as many Vias pass as the usual Max-Forwards allows", "[sip][attack]") {
  Message message = sip_request("INVITE");
  while (message.all("Via").size() < kMaxVias) message.append("Via", "SIP/2.0/UDP h");
  CHECK(reason(message) == "none");
  message.append("Via", "SIP/2.0/UDP h");
  CHECK(reason(message) == "400 Too Many Vias");
}

TEST_CASE("a refusal is the answer to the request, the same each time", "[sip][rfc3261]") {
  const Message request = sip_request("INVITE");
  const auto answer = refusal(request, {416, "Unsupported URI Scheme"});
  REQUIRE(answer);
  CHECK(answer->status() == 416);
  CHECK(answer->reason() == "Unsupported URI Scheme");
  CHECK(answer->all("Via") == request.all("Via"));
  CHECK(answer->get("CSeq") == "7 INVITE");
  CHECK_FALSE(answer->to_tag().empty());
  CHECK(refusal(request, {416, "Unsupported URI Scheme"})->to_string() == answer->to_string());
}

TEST_CASE("nobody answers an ACK, a response, or somebody who does not say where he is", "[sip][rfc3261]") {
  const Fault fault{400, "Bad To"};
  CHECK_FALSE(refusal(sip_request("ACK"), fault));
  CHECK_FALSE(refusal(sip_response(sip_request("INVITE"), 200), fault));
  Message nowhere = sip_request("INVITE");
  nowhere.remove("Via");
  CHECK_FALSE(refusal(nowhere, fault));
}

TEST_CASE("bytes that cannot be parsed are answered by what is wrong with them", "[sip][rfc4475]") {
  const std::string bytes = sip_request("INVITE").to_string();
  CHECK(refused(bytes, ParseError::BadVersion) == "505 Version Not Supported");
  CHECK(refused(bytes, ParseError::TooManyHeaders) == "400 Too Many Header Fields");
  CHECK(refused(bytes, ParseError::Truncated) == "400 Message Shorter Than Content-Length");
  CHECK(refused(bytes, ParseError::BadStartLine) == "400 Bad Request-Line");
  CHECK(refused(bytes, ParseError::BadHeader) == "400 Bad Header Field");
  CHECK(refused("\r\n\r\n" + bytes, ParseError::BadHeader) == "400 Bad Header Field");
  CHECK(refused(bytes, ParseError::KeepAlive) == "nothing");
  CHECK(refused(bytes, ParseError::NotSip) == "nothing");
  CHECK(refused(sip_request("ACK").to_string(), ParseError::BadHeader) == "nothing");
  CHECK(refused("SIP/2.0 200 OK\r\n" + bytes.substr(bytes.find("Via")), ParseError::BadHeader) == "nothing");
}

TEST_CASE("what is too little for an answer gets none", "[sip][rfc4475]") {
  for (const auto* name : {"Via", "From", "To", "Call-ID", "CSeq"}) {
    CAPTURE(name);
    Message message = sip_request("INVITE");
    message.remove(name);
    CHECK(refused(message.to_string(), ParseError::BadHeader) == "nothing");
  }
}

TEST_CASE("an answer to unparsed bytes repeats only fields that belong into it, as they stand", "[sip][attack]") {
  Message message = sip_request("INVITE");
  message.prepend("Via", "SIP/2.0/UDP top.example");
  message.append("Contact", "<sip:evil@example.com>");
  message.append("From", "<sip:second@example.org>");
  std::string bytes = message.to_string();
  bytes.insert(bytes.find("Contact"), "no colon here\r\nt\x01: x\r\n");
  const auto answer = refusal(bytes, ParseError::BadHeader);
  REQUIRE(answer);
  CHECK(answer->all("Via") == message.all("Via"));
  CHECK(answer->all("From") == std::vector<std::string>{"<sip:alice@example.org>;tag=a1"});
  CHECK_FALSE(answer->has("Contact"));
  CHECK(Message::parse(answer->to_string()));
}

TEST_CASE("what stands behind hundreds of lines is not looked for", "[sip][attack]") {
  Message message = sip_request("INVITE");
  message.remove("CSeq");
  for (int i = 0; i < 600; ++i) message.append("X-Y", "z");
  message.append("CSeq", "7 INVITE");
  CHECK(refused(message.to_string(), ParseError::TooManyHeaders) == "nothing");
}
