#include <catch2/catch.hpp>

#include "control-protocol/message/request.h"

using namespace ng;

TEST_CASE("a request writes what it has and nothing else", "[message]") {
  CHECK(write_request({}) == Dictionary{{"command", "ping"}});
  Request request;
  request.command = Command::Delete;
  request.call_id = "call";
  request.from_tag = "from";
  request.delete_delay = std::chrono::seconds{0};
  request.received_from = common::IpAddress::parse("192.0.2.1");
  CHECK(write_request(request) == Dictionary{{"command", "delete"},
                                             {"call-id", "call"},
                                             {"from-tag", "from"},
                                             {"delete-delay", 0},
                                             {"received-from", List{"IP4", "192.0.2.1"}}});
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
  request.delete_delay = std::chrono::seconds{30};
  request.limit = 10;
  request.teardown_blob = std::string("\0\xff", 2);
  request.teardown_to = {*common::SocketAddress::parse("192.0.2.1:2224")};
  request.reason = "timeout";
  const auto read = *read_request(write_request(request));
  CHECK(read.command == Command::Answer);
  CHECK(read.call_id == request.call_id);
  CHECK(read.from_tag == request.from_tag);
  CHECK(read.to_tag == request.to_tag);
  CHECK(read.via_branch == request.via_branch);
  CHECK(read.sdp == request.sdp);
  CHECK(read.received_from == request.received_from);
  CHECK(read.flags == request.flags);
  CHECK(read.supports == request.supports);
  CHECK(read.delete_delay == request.delete_delay);
  CHECK(read.limit == request.limit);
  CHECK(read.teardown_blob == request.teardown_blob);
  CHECK(read.teardown_to == request.teardown_to);
  CHECK(read.reason == request.reason);
  CHECK(read.warnings.empty());
}
