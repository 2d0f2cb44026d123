#include "relay/ice/candidate_text.h"

#include <catch2/catch.hpp>

namespace relay::ice {

TEST_CASE("a browser's host candidate is read", "[ice][rfc8839]") {
  const auto candidate = parse_candidate(
      "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 10.0.0.2 rport 46154 generation 0 "
      "ufrag Rs7k network-cost 999");
  REQUIRE(candidate);
  CHECK(candidate->foundation == "842163049");
  CHECK(candidate->component == Component::Rtp);
  CHECK(candidate->priority == 1677729535);
  CHECK(candidate->address == common::SocketAddress::parse("203.0.113.7:46154"));
  CHECK(candidate->type == CandidateType::ServerReflexive);
}

TEST_CASE("the a= prefix, IPv6 and the RTCP component are read", "[ice][rfc8839]") {
  const auto candidate = parse_candidate("a=candidate:1 2 UDP 2130706430 2001:db8::1 30001 typ host\r\n");
  REQUIRE(candidate);
  CHECK(candidate->component == Component::Rtcp);
  CHECK(candidate->address == common::SocketAddress::parse("[2001:db8::1]:30001"));
}

TEST_CASE("candidates of no use have an error of their own", "[ice]") {
  CHECK(parse_candidate("1 1 tcp 1518280447 192.0.2.1 9 typ host tcptype active").error() == CandidateError::NotUdp);
  CHECK(parse_candidate("1 1 udp 2113937151 4f2c1a5e-0001-4c4d-8f51-7a1b6e0a2c11.local 50000 typ host").error() ==
        CandidateError::HostName);
  CHECK(parse_candidate("1 3 udp 1 192.0.2.1 50000 typ host").error() == CandidateError::Component);
}

TEST_CASE("malformed candidates are refused", "[ice]") {
  for (const char* text :
       {"", "candidate:", "1 1 udp 1 192.0.2.1 50000", "1 1 udp 1 192.0.2.1 50000 typ",
        "1 1 udp 1 192.0.2.1 0 typ host", "1 1 udp 1 192.0.2.1 65536 typ host", "1 0 udp 1 192.0.2.1 50000 typ host",
        "1 1 udp -1 192.0.2.1 50000 typ host", "1 1 udp 4294967296 192.0.2.1 50000 typ host",
        "1 1 udp 1 192.0.2.256 50000 typ host", "1 1 udp 1 192.0.2.1 50000 typ turn",
        "1 1 udp 1 192.0.2.1 50000 host typ", "f?o 1 udp 1 192.0.2.1 5 typ host",
        "123456789012345678901234567890123 1 udp 1 192.0.2.1 50000 typ host", "1 1 udp 1 a_b;c 50000 typ host"}) {
    INFO(text);
    CHECK(parse_candidate(text).error() == CandidateError::Malformed);
  }
}

TEST_CASE("a formatted candidate reads back", "[ice]") {
  const Candidate candidate{"7", Component::Rtcp, candidate_priority(CandidateType::Host, 65535, Component::Rtcp),
                            common::SocketAddress::parse("[2001:db8::5]:30003").value(), CandidateType::Host};
  CHECK(format_candidate(candidate) == "7 2 UDP 2130706430 2001:db8::5 30003 typ host");
  CHECK(parse_candidate(format_candidate(candidate)) == candidate);
}

TEST_CASE("priorities follow the formula of RFC 8445", "[ice][rfc8445]") {
  CHECK(candidate_priority(CandidateType::Host, 65535, Component::Rtp) == 2130706431);
  CHECK(candidate_priority(CandidateType::ServerReflexive, 65535, Component::Rtp) == 1694498815);
  CHECK(candidate_priority(CandidateType::PeerReflexive, 65535, Component::Rtp) == 1862270975);
  CHECK(candidate_priority(CandidateType::Relayed, 65535, Component::Rtcp) == 16777214);
}

}  // namespace relay::ice
