#include "proxy/dns/answer.h"

#include <catch2/catch.hpp>

#include "tests/support/dns_message.h"

using namespace proxy::dns;
using namespace std::chrono_literals;
using test::DnsResponse;

namespace {

const std::string kName = "_sip._udp.example.com";

DnsResponse response(std::uint8_t rcode = 0) { return {kName, test::kTypeSrv, rcode}; }

}  // namespace

TEST_CASE("SRV records are read with the shortest TTL of them", "[dns]") {
  const auto answer = read_srv(response()
                                   .srv("_SIP._udp.Example.com", 300, 10, 60, 5060, "A.example.com")
                                   .srv(kName, 60, 20, 0, 5070, "b.example.com")
                                   .bytes());
  REQUIRE(answer.records);
  CHECK(*answer.records == SrvRecords{{10, 60, 5060, "a.example.com"}, {20, 0, 5070, "b.example.com"}});
  CHECK(answer.ttl == 60s);
}

TEST_CASE("a root target stays an empty name", "[dns]") {
  const auto answer = read_srv(response().srv(kName, 60, 0, 0, 0, "").bytes());
  REQUIRE(answer.records);
  CHECK(answer.records->front().target.empty());
}

TEST_CASE("an alias is followed, and what belongs to another name is not taken", "[dns]") {
  const auto answer = read_srv(response()
                                   .answer(kName, test::kTypeCname, 30, test::dns_name("_sip.real.example"))
                                   .srv("_sip.real.example", 60, 1, 1, 5060, "a.example.com")
                                   .srv("_sip.evil.example", 60, 0, 1, 5060, "evil.example")
                                   .bytes());
  REQUIRE(answer.records);
  CHECK(*answer.records == SrvRecords{{1, 1, 5060, "a.example.com"}});
  CHECK(answer.ttl == 30s);
}

TEST_CASE("aliases in a circle are a failure", "[dns]") {
  const auto answer = read_srv(response()
                                   .answer(kName, test::kTypeCname, 30, test::dns_name("b.example"))
                                   .answer("b.example", test::kTypeCname, 30, test::dns_name(kName))
                                   .bytes());
  CHECK(answer.records.error() == DnsError::ServerFailure);
}

TEST_CASE("absence lasts as long as the zone says", "[dns]") {
  const auto missing_name = read_srv(response(3).soa("example.com", 3600, 120).bytes());
  CHECK(missing_name.records.error() == DnsError::NotFound);
  CHECK(missing_name.ttl == 120s);
  const auto missing_type = read_srv(response().soa("example.com", 90, 120).bytes());
  CHECK(missing_type.records.error() == DnsError::NotFound);
  CHECK(missing_type.ttl == 90s);
  CHECK(read_srv(response(3).bytes()).ttl == 0s);
}

TEST_CASE("a failing server is not an absent record", "[dns]") {
  CHECK(read_srv(response(2).bytes()).records.error() == DnsError::ServerFailure);
  CHECK(read_srv(response(5).bytes()).records.error() == DnsError::ServerFailure);
}

TEST_CASE("NAPTR records are read, flags and service in lower case", "[dns]") {
  const auto answer = read_naptr(DnsResponse{"example.com", test::kTypeNaptr}
                                     .naptr("example.com", 50, "S", "SIPS+D2T", "_sips._tcp.example.com")
                                     .naptr("example.com", 90, "s", "SIP+D2U", "_sip._udp.example.com")
                                     .bytes());
  REQUIRE(answer.records);
  CHECK(*answer.records == NaptrRecords{{50, 50, "s", "sips+d2t", "", "_sips._tcp.example.com"},
                                        {90, 50, "s", "sip+d2u", "", "_sip._udp.example.com"}});
}

TEST_CASE("records that lead to no proper name are left out", "[dns]") {
  const auto answer = read_srv(
      response().srv(kName, 60, 1, 1, 5060, "a b.example.com").srv(kName, 60, 2, 1, 5060, "good.example.com").bytes());
  REQUIRE(answer.records);
  CHECK(*answer.records == SrvRecords{{2, 1, 5060, "good.example.com"}});
}

TEST_CASE("at most 64 records are taken", "[dns]") {
  DnsResponse many = response();
  for (std::uint16_t i = 0; i < 100; ++i) many.srv(kName, 60, i, 1, 5060, "a.example.com");
  const auto answer = read_srv(many.bytes());
  REQUIRE(answer.records);
  CHECK(answer.records->size() == 64);
}

TEST_CASE("a response cut short anywhere is a failure or less, never more", "[dns]") {
  const auto whole = response().srv(kName, 60, 1, 1, 5060, "a.example.com").soa("example.com", 90, 120).bytes();
  for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
    const auto answer = read_srv(common::ByteSpan{whole}.first(length));
    if (answer.records) CHECK(answer.records->size() == 1);
  }
  CHECK(read_srv(common::ByteSpan{whole}.first(40)).records.error() == DnsError::ServerFailure);
}

TEST_CASE("names of letters, digits, '-', '_' and dots may be asked for", "[dns]") {
  CHECK(is_valid_name("_sips._tcp.a-b.example"));
  for (const std::string& name : {std::string{}, std::string{"a b"}, std::string{"a\nb"}, std::string(254, 'a')})
    CHECK_FALSE(is_valid_name(name));
}
