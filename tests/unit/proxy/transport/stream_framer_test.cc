#include "proxy/transport/stream_framer.h"

#include <catch2/catch.hpp>
#include <string>
#include <variant>
#include <vector>

using proxy::transport::StreamFramer;
using Error = StreamFramer::Error;

namespace {

constexpr StreamFramer::Limits kLimits{.max_header = 2000, .max_message = 4000};
constexpr std::string_view kPing = "<ping>";

std::string message(const std::string& body, const std::string& length_name = "Content-Length") {
  return "MESSAGE sip:bob@example SIP/2.0\r\nCall-ID: 1\r\n" + length_name + ": " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

struct Outcome {
  std::vector<std::string> messages;
  std::optional<Error> error;
};

void drain(StreamFramer& framer, Outcome& outcome) {
  while (!outcome.error) {
    const auto output = framer.poll();
    if (!output) {
      outcome.error = output.error();
      return;
    }
    if (!*output) return;
    const auto* got = std::get_if<StreamFramer::Message>(&**output);
    outcome.messages.emplace_back(got != nullptr ? got->bytes : kPing);
  }
}

Outcome frame(std::string_view bytes, std::size_t step = std::string_view::npos) {
  StreamFramer framer{kLimits};
  Outcome outcome;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(step, bytes.size()))) {
    framer.push(bytes.substr(0, step));
    drain(framer, outcome);
  }
  return outcome;
}

std::optional<Error> error_of(const std::string& bytes) { return frame(bytes).error; }

}  // namespace

TEST_CASE("messages in one segment are cut by Content-Length, in its long and compact form", "[transport][rfc3261]") {
  const Outcome outcome = frame(message("hello") + message("", "l") + message("again", "CONTENT-LENGTH  "));
  CHECK_FALSE(outcome.error);
  REQUIRE(outcome.messages.size() == 3);
  CHECK(outcome.messages[0] == message("hello"));
  CHECK(outcome.messages[1] == message("", "l"));
  CHECK(outcome.messages[2] == message("again", "CONTENT-LENGTH  "));
}

TEST_CASE("the cuts of the stream do not change the messages", "[transport]") {
  const std::string stream = "\r\n" + message("one\r\n\r\ntwo") + "\r\n\r\n" + message("three");
  for (std::size_t step = 1; step < stream.size(); ++step) {
    const Outcome outcome = frame(stream, step);
    CHECK_FALSE(outcome.error);
    CHECK(outcome.messages ==
          std::vector<std::string>{message("one\r\n\r\ntwo"), std::string{kPing}, message("three")});
  }
}

TEST_CASE("a double line end is a ping and a single one is nothing", "[transport][rfc5626]") {
  CHECK(frame("\r\n\r\n\r\n\r\n").messages == std::vector<std::string>(2, std::string{kPing}));
  CHECK(frame("\r\n" + message("x")).messages == std::vector<std::string>{message("x")});
}

TEST_CASE("a deadline is due only while part of a message is here", "[transport]") {
  StreamFramer framer{kLimits};
  Outcome outcome;
  CHECK_FALSE(framer.in_message());
  framer.push("\r\n");
  drain(framer, outcome);
  CHECK_FALSE(framer.in_message());
  framer.push("\r\nREG");
  drain(framer, outcome);
  CHECK(framer.in_message());
  framer.push("ISTER sip:example SIP/2.0\r\nl:0\r\n\r\n");
  drain(framer, outcome);
  CHECK_FALSE(framer.in_message());
  CHECK(outcome.messages.size() == 2);
}

TEST_CASE("a folded Content-Length is read", "[transport][rfc4475]") {
  const std::string folded = "OPTIONS sip:example SIP/2.0\r\nContent-Length:\r\n  5\r\nl: 5\r\n\r\nhello";
  CHECK(frame(folded).messages == std::vector<std::string>{folded});
}

TEST_CASE("a stream that is not SIP is refused at once", "[transport]") {
  CHECK(error_of("\x16\x03\x01\x02") == Error::NotSip);
  CHECK(error_of("\rX") == Error::NotSip);
  CHECK(error_of("GET / HTTP/1.1\r\n") == Error::NotSip);
  CHECK(error_of("SIP/2.0\r\n") == Error::NotSip);
  CHECK(error_of(std::string(1, '\0')) == Error::NotSip);
}

TEST_CASE("a Content-Length that is missing, twisted or doubled with another value ends the stream", "[transport]") {
  const std::string start = "OPTIONS sip:example SIP/2.0\r\n";
  CHECK(error_of(start + "Call-ID: 1\r\n\r\n") == Error::MissingContentLength);
  CHECK(error_of(start + "\r\n") == Error::MissingContentLength);
  CHECK(error_of(start + "l: -1\r\n\r\n") == Error::BadContentLength);
  CHECK(error_of(start + "l: 1x\r\n\r\n") == Error::BadContentLength);
  CHECK(error_of(start + "l: \r\n\r\n") == Error::BadContentLength);
  CHECK(error_of(start + "l: 99999999999999999999999\r\n\r\n") == Error::BadContentLength);
  CHECK(error_of(start + "l: 1\r\nContent-Length: 2\r\n\r\n") == Error::BadContentLength);
}

TEST_CASE("headers and messages beyond their limits end the stream before they are stored", "[transport]") {
  const std::string start = "OPTIONS sip:example SIP/2.0\r\n";
  CHECK(error_of(std::string(2001, 'A')) == Error::HeaderTooLarge);
  CHECK(error_of(start + "Subject: " + std::string(2000, 'x')) == Error::HeaderTooLarge);
  CHECK(error_of(start + "l: 4000\r\n\r\n") == Error::MessageTooLarge);
  CHECK(error_of(start + "l: 18446744073709551615\r\n\r\n") == Error::MessageTooLarge);
  CHECK_FALSE(error_of(start + "l: 3900\r\n\r\n"));
}

TEST_CASE("a start line that only its reader can refuse is no reason to lose the stream", "[transport][rfc4475]") {
  for (const std::string line : {"OPTIONS sip:example SIP/7.0", "OPTIONS sip:example SIP/2.0  ", "SIP/3.0 200 OK"}) {
    const std::string message = line + "\r\nl: 0\r\n\r\n";
    CHECK(frame(message).messages == std::vector<std::string>{message});
  }
}
