#include "control-protocol/message/reply.h"

#include <catch2/catch.hpp>

using namespace ng;

TEST_CASE("the texts that make another relay be tried are exact", "[message]") {
  CHECK(write_reply(Reply::limit(kSessionLimitReached, {})) ==
        Dictionary{{"result", "error"}, {"error-reason", "Parallel session limit reached"}});
  CHECK(write_reply(Reply::limit(kRanOutOfPorts, {"other", "load limit"})) ==
        Dictionary{{"result", "load limit"}, {"message", "Ran out of ports"}});
}

TEST_CASE("a reply that is written is read back the same", "[message]") {
  Reply reply;
  reply.body["sdp"] = "v=0\r\n";
  reply.warnings = {"one", "two"};
  const Reply read = read_reply(write_reply(reply));
  CHECK(read.succeeded());
  CHECK(read.body == reply.body);
  CHECK(read.text("sdp") == "v=0\r\n");
  CHECK(read.warnings == std::vector<std::string>{"one; two"});
}

TEST_CASE("an error comes with its reason and a limit with its own", "[message]") {
  const Reply error = read_reply(write_reply(Reply::error("Unknown call")));
  CHECK(error.outcome == Outcome::Error);
  CHECK(error.error_reason == "Unknown call");
  CHECK(error.body.empty());
  CHECK_FALSE(error.succeeded());
  const Reply limit = read_reply(write_reply(Reply::limit(kRanOutOfPorts, {"load limit"})));
  CHECK(limit.outcome == Outcome::LoadLimit);
  CHECK(limit.load_limit_reason == kRanOutOfPorts);
  CHECK_FALSE(limit.succeeded());
}

TEST_CASE("a reply without a known result is an error that says so", "[message]") {
  CHECK(read_reply({{"result", "pong"}}).outcome == Outcome::Pong);
  CHECK(read_reply({{"result", "pong"}}).succeeded());
  for (const Dictionary& dictionary : {Dictionary{}, Dictionary{{"result", "maybe"}}, Dictionary{{"result", List{}}}}) {
    const Reply reply = read_reply(dictionary);
    CHECK(reply.outcome == Outcome::Error);
    CHECK(reply.error_reason == "the reply has no known result");
  }
}

TEST_CASE("a key that is not there has no text", "[message]") {
  Reply reply;
  reply.body["created"] = 7;
  CHECK(reply.text("created") == "7");
  CHECK(reply.text("sdp").empty());
}
