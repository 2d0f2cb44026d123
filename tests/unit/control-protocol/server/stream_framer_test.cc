#include "control-protocol/server/stream_framer.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace ng;

namespace {

/// What the framer makes of a stream whose segments have this size.
std::vector<std::string> cut(std::string_view stream, std::size_t segment) {
  StreamFramer framer;
  std::vector<std::string> messages;
  for (std::size_t at = 0; at < stream.size(); at += segment) {
    framer.push(stream.substr(at, segment));
    for (auto message = framer.next(); *message; message = framer.next()) messages.push_back(**message);
  }
  return messages;
}

DecodeError error_of(std::string_view stream, Limits limits = {}) {
  StreamFramer framer{limits};
  framer.push(stream);
  const auto message = framer.next();
  REQUIRE_FALSE(message);
  CHECK(framer.next().error() == message.error());  // for good
  return message.error();
}

bool waits(std::string_view stream, Limits limits = {}) {
  StreamFramer framer{limits};
  framer.push(stream);
  const auto message = framer.next();
  return message && !*message;
}

}  // namespace

TEST_CASE("a stream is cut into messages wherever its segments end", "[server]") {
  const std::string_view stream = "c1 d7:command4:pinge\nc2 {\"command\": \"ping\"}c3 d7:command4:pinge\r\n";
  const std::vector<std::string> messages{"c1 d7:command4:pinge", "c2 {\"command\": \"ping\"}", "c3 d7:command4:pinge"};
  for (const std::size_t segment : {std::size_t{1}, std::size_t{7}, stream.size()})
    CHECK(cut(stream, segment) == messages);
}

TEST_CASE("a message that is not whole is waited for", "[server]") {
  for (const auto* part : {"", " \r\n", "c1", "c1 ", "c1 d", "c1 d7:command4:pin", "c1 {\"a\":\"}"}) CHECK(waits(part));
}

TEST_CASE("a stream without rhythm is an error for good", "[server]") {
  CHECK(error_of("c1 x") == DecodeError::NotADictionary);
  CHECK(error_of("c1 di1e1:ae") == DecodeError::Malformed);
  CHECK(error_of(std::string(1000, 'x')) == DecodeError::Malformed);
}

TEST_CASE("a message that grows beyond its bounds ends the stream before it is stored", "[server]") {
  const Limits limits{.bytes = 64};
  CHECK(error_of("c1 d1:a65:", limits) == DecodeError::TooLarge);
  CHECK(error_of("c1 {\"a\": \"" + std::string(60, 'x'), limits) == DecodeError::TooLarge);
  CHECK(error_of("c1 d1:a" + std::string(40, 'l'), limits) == DecodeError::TooDeep);
}
