#include <catch2/catch.hpp>

#include "control-protocol/message/request.h"

using namespace ng;
using namespace std::chrono_literals;

namespace {

Request with_rtpp_flags(std::string_view text) { return *read_request({{"command", "ping"}, {"rtpp-flags", text}}); }

Request ping_with(std::string_view key, Value value) {
  return *read_request({{"command", "ping"}, {std::string{key}, std::move(value)}});
}

}  // namespace

TEST_CASE("commands are known by their names in any case", "[message]") {
  CHECK(read_request({{"command", "PING"}})->command == Command::Ping);
  CHECK(read_request({{"command", "list"}})->command == Command::List);
  CHECK(read_request({{"command", "delete"}, {"call-id", "c"}})->command == Command::Delete);
  CHECK(read_request({{"command", "query"}, {"call-id", "c"}})->command == Command::Query);
}

TEST_CASE("a request says which of its parts is missing", "[message]") {
  Dictionary request;
  CHECK(read_request(request).error() == RequestError::NoCommand);
  request["command"] = "dance";
  CHECK(read_request(request).error() == RequestError::UnknownCommand);
  request["command"] = "answer";
  CHECK(read_request(request).error() == RequestError::NoCallId);
  request["call-id"] = "c";
  CHECK(read_request(request).error() == RequestError::NoFromTag);
  request["from-tag"] = "f";
  CHECK(read_request(request).error() == RequestError::NoToTag);
  request["to-tag"] = "t";
  CHECK(read_request(request).error() == RequestError::NoSdp);
  request["sdp"] = "v=0";
  CHECK(read_request(request));
  request.erase("to-tag");
  request["command"] = "offer";
  CHECK(read_request(request));
  CHECK(read_request({{"command", "query"}}).error() == RequestError::NoCallId);
  CHECK(read_request({{"command", "teardown"}, {"call-id", "c"}}).error() == RequestError::NoBlob);
}

TEST_CASE("every reason that a request is refused for has a text of its own", "[message]") {
  CHECK(to_string(RequestError::UnknownCommand) == "Unrecognized command");
  CHECK(to_string(RequestError::NoCallId) == "No call-id in message");
  CHECK(to_string(RequestError::NoSdp) == "No SDP body in message");
}

TEST_CASE("integers may arrive as strings", "[message]") {
  CHECK(ping_with("delete-delay", "30").delete_delay == 30s);
  CHECK(ping_with("delete-delay", 0).delete_delay == 0s);
  CHECK(ping_with("limit", "7").limit == 7U);
}

TEST_CASE("numbers out of their range are as good as absent", "[message]") {
  CHECK_FALSE(ping_with("delete-delay", -1).delete_delay);
  CHECK_FALSE(ping_with("delete-delay", 3601).delete_delay);
  CHECK_FALSE(ping_with("delete-delay", "soon").delete_delay);
  CHECK_FALSE(ping_with("limit", -1).limit);
  CHECK(ping_with("limit", std::int64_t{1} << 40).limit == 1'000'000U);
}

TEST_CASE("where a message came from is an address with or without its family", "[message]") {
  CHECK(ping_with("received-from", List{"IP4", "192.0.2.1"}).received_from == common::IpAddress::parse("192.0.2.1"));
  CHECK(ping_with("received from", "2001:db8::1").received_from == common::IpAddress::parse("2001:db8::1"));
  CHECK_FALSE(ping_with("received-from", List{"IP4", "nowhere"}).received_from);
}

TEST_CASE("of the addresses to report to those count that are some", "[message]") {
  const auto to = ping_with("teardown-to", List{"192.0.2.1:2224", "nowhere", "[2001:db8::1]:2224"}).teardown_to;
  REQUIRE(to.size() == 2);
  CHECK(to[1].to_string() == "[2001:db8::1]:2224");
}

TEST_CASE("the flags of one string are split at spaces, but for what stands in brackets", "[message]") {
  const Request request = with_rtpp_flags("  trust-address codec-offer=[PCMU PCMA]\tRTP/AVP ");
  CHECK(request.warnings.empty());
  CHECK(request.flags.trust_address);
  CHECK(request.flags.codec.offer == std::vector<std::string>{"PCMU", "PCMA"});
  CHECK(request.flags.transport_protocol == TransportProtocol::RtpAvp);
  CHECK(with_rtpp_flags("codec-offer=[PCMU PCMA").warnings.size() == 1);
}

TEST_CASE("flags in a list and media keys beside them are one", "[message]") {
  const auto request =
      *read_request({{"command", "ping"}, {"flags", List{"trust-address", "generate-mid"}}, {"ICE", "force"}});
  CHECK(request.warnings.empty());
  CHECK(request.flags == with_rtpp_flags("trust-address generate-mid ICE=force").flags);
}

TEST_CASE("unknown keys and flags warn and never fail", "[message]") {
  const auto request = with_rtpp_flags("trust-address teleport ICE=maybe");
  CHECK(request.flags.trust_address);
  CHECK(request.warnings ==
        std::vector<std::string>{"unknown flag 'teleport' ignored", "unknown flag 'ICE=maybe' ignored"});
  CHECK(ping_with("colour", "blue").warnings == std::vector<std::string>{"unknown key or value of 'colour' ignored"});
}

TEST_CASE("flags that are understood and not done warn", "[message]") {
  CHECK(with_rtpp_flags("trust-address loop_protect").warnings ==
        std::vector<std::string>{"flag 'loop-protect' is not supported, ignored"});
}

TEST_CASE("warnings are bounded whatever a peer sends", "[message]") {
  List flags;
  for (int i = 0; i < 1000; ++i) flags.emplace_back("nonsense-" + std::to_string(i) + std::string(200, 'x'));
  const Request request = ping_with("flags", std::move(flags));
  CHECK(request.warnings.size() == 16);
  CHECK(request.warnings.front().size() < 100);
}
