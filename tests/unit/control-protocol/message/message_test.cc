#include <catch2/catch.hpp>

#include "control-protocol/message/envelope.h"
#include "control-protocol/message/reply.h"
#include "control-protocol/message/request.h"

using namespace ng;

TEST_CASE("an envelope is a cookie, a space and a dictionary", "[message]") {
  const auto envelope = open_envelope("12_34 d7:command4:pinge");
  REQUIRE(envelope);
  CHECK(envelope->cookie == "12_34");
  CHECK(envelope->encoding == Encoding::Bencode);
  CHECK(open_envelope("c {}")->encoding == Encoding::Json);
  CHECK_FALSE(open_envelope("nospace"));
  CHECK_FALSE(open_envelope(" d"));
  CHECK_FALSE(open_envelope("c x"));
  CHECK_FALSE(open_envelope(std::string(300, 'c') + " de"));
}

TEST_CASE("a request that is written is read back the same", "[message]") {
  Request request;
  request.command = Command::Answer;
  request.call_id = "call";
  request.from_tag = "from";
  request.to_tag = "to";
  request.via_branch = "z9hG4bK1";
  request.sdp = "v=0\r\n";
  request.received_from = common::IpAddress::parse("2001:db8::1");
  request.flags.trust_address = true;
  request.supports = {"load limit"};
  request.teardown_blob = std::string("\0\xff", 2);
  request.teardown_to = {*common::SocketAddress::parse("192.0.2.1:2224")};
  const auto read = *read_request(write_request(request));
  CHECK(read.command == Command::Answer);
  CHECK(read.call_id == request.call_id);
  CHECK(read.to_tag == request.to_tag);
  CHECK(read.via_branch == request.via_branch);
  CHECK(read.sdp == request.sdp);
  CHECK(read.received_from == request.received_from);
  CHECK(read.flags == request.flags);
  CHECK(read.supports == request.supports);
  CHECK(read.teardown_blob == request.teardown_blob);
  CHECK(read.teardown_to == request.teardown_to);
  CHECK(read.warnings.empty());
}

TEST_CASE("integers may arrive as strings", "[message]") {
  const auto request = read_request({{"command", "delete"}, {"call-id", "c"}, {"delete-delay", "30"}});
  REQUIRE(request);
  CHECK(request->delete_delay == std::chrono::seconds{30});
}

TEST_CASE("a request says which of its parts is missing", "[message]") {
  CHECK(read_request({}).error() == RequestError::NoCommand);
  CHECK(read_request({{"command", "dance"}}).error() == RequestError::UnknownCommand);
  CHECK(read_request({{"command", "offer"}}).error() == RequestError::NoCallId);
  CHECK(read_request({{"command", "offer"}, {"call-id", "c"}}).error() == RequestError::NoFromTag);
  CHECK(read_request({{"command", "answer"}, {"call-id", "c"}, {"from-tag", "f"}}).error() == RequestError::NoToTag);
  CHECK(read_request({{"command", "offer"}, {"call-id", "c"}, {"from-tag", "f"}}).error() == RequestError::NoSdp);
}

TEST_CASE("the texts that make another relay be tried are exact", "[message]") {
  CHECK(write_reply(Reply::limit(kSessionLimitReached, {})) ==
        Dictionary{{"result", "error"}, {"error-reason", "Parallel session limit reached"}});
  CHECK(write_reply(Reply::limit(kRanOutOfPorts, {"load limit"})) ==
        Dictionary{{"result", "load limit"}, {"message", "Ran out of ports"}});
}

TEST_CASE("a reply that is written is read back the same", "[message]") {
  Reply reply;
  reply.body["sdp"] = "v=0\r\n";
  reply.warnings = {"one", "two"};
  const Reply read = read_reply(write_reply(reply));
  CHECK(read.succeeded());
  CHECK(read.text("sdp") == "v=0\r\n");
  CHECK(read.warnings == std::vector<std::string>{"one; two"});
  CHECK(read_reply({{"result", "pong"}}).outcome == Outcome::Pong);
  CHECK(read_reply({{"result", "maybe"}}).outcome == Outcome::Error);
}
