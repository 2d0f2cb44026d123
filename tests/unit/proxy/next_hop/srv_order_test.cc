#include "proxy/next_hop/srv_order.h"

#include <catch2/catch.hpp>
#include <map>

using namespace proxy;
using next_hop::in_order;

namespace {

std::map<std::string, int> firsts(const dns::SrvRecords& records, int draws) {
  std::map<std::string, int> count;
  for (int seed = 0; seed < draws; ++seed) ++count[in_order(records, static_cast<std::uint64_t>(seed)).front().target];
  return count;
}

}  // namespace

TEST_CASE("lower priorities come first, whatever the weights", "[next_hop]") {
  const dns::SrvRecords records{{20, 65535, 5060, "late"}, {10, 0, 5060, "early"}, {20, 1, 5060, "later"}};
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const auto ordered = in_order(records, seed);
    REQUIRE(ordered.size() == 3);
    CHECK(ordered.front().target == "early");
  }
}

TEST_CASE("within a priority the weights are shares", "[next_hop]") {
  auto count = firsts({{10, 60, 5060, "a"}, {10, 30, 5060, "b"}, {10, 10, 5060, "c"}}, 10'000);
  CHECK(count["a"] == Approx(6000).margin(300));
  CHECK(count["b"] == Approx(3000).margin(300));
  CHECK(count["c"] == Approx(1000).margin(200));
}

TEST_CASE("a weight of 0 is seldom first among others and an equal among its like", "[next_hop]") {
  auto mixed = firsts({{10, 0, 5060, "spare"}, {10, 100, 5060, "main"}}, 10'000);
  CHECK(mixed["spare"] > 0);
  CHECK(mixed["spare"] < 300);
  auto equals = firsts({{10, 0, 5060, "a"}, {10, 0, 5060, "b"}, {10, 0, 5060, "c"}}, 3000);
  for (const char* target : {"a", "b", "c"}) CHECK(equals[target] == Approx(1000).margin(150));
}

TEST_CASE("every record has its place, in an order that the server's order does not change", "[next_hop]") {
  const dns::SrvRecords one{{1, 5, 1, "a"}, {1, 5, 2, "b"}, {1, 5, 3, "c"}, {2, 0, 4, "d"}};
  const dns::SrvRecords other{one[3], one[1], one[2], one[0]};
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto ordered = in_order(one, seed);
    CHECK(ordered == in_order(other, seed));
    auto sorted = ordered;
    std::ranges::sort(sorted);
    CHECK(sorted == one);
  }
}

TEST_CASE("addresses of a host are shuffled within their family, IPv4 first", "[next_hop]") {
  dns::Addresses addresses;
  for (const char* text : {"2001:db8::1", "192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::2"})
    addresses.push_back(*common::IpAddress::parse(text));
  std::map<std::string, int> count;
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    const auto ordered = in_order(addresses, seed);
    REQUIRE(ordered.size() == 5);
    CHECK((ordered[2].is_v4() && ordered[3].is_v6()));
    ++count[ordered[0].to_string()];
  }
  CHECK(count["192.0.2.1"] == Approx(1000).margin(150));
  CHECK(count["192.0.2.3"] == Approx(1000).margin(150));
}
