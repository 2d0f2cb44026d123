#include "proxy/dns/cache.h"

#include <catch2/catch.hpp>

using namespace proxy::dns;
using namespace std::chrono_literals;

namespace {

constexpr common::Instant kNow{1000s};

Addresses addresses(std::initializer_list<const char*> texts) {
  Addresses out;
  for (const char* text : texts) out.push_back(*common::IpAddress::parse(text));
  return out;
}

}  // namespace

TEST_CASE("an answer holds until its time ends", "[dns]") {
  Cache cache{8};
  cache.put("a", addresses({"192.0.2.1", "2001:db8::1"}), kNow + 10s);
  CHECK(cache.find("a", kNow) == addresses({"192.0.2.1", "2001:db8::1"}));
  CHECK(cache.find("a", kNow + 10s - 1ns));
  CHECK_FALSE(cache.find("a", kNow + 10s));
  CHECK(cache.size() == 0);
  CHECK_FALSE(cache.find("b", kNow));
}

TEST_CASE("that there is no such name is remembered like an address", "[dns][rfc2308]") {
  Cache cache{8};
  cache.put("a", common::Err{DnsError::NotFound}, kNow + 10s);
  REQUIRE(cache.find("a", kNow));
  CHECK(cache.find("a", kNow)->error() == DnsError::NotFound);
  CHECK_FALSE(cache.find("a", kNow + 10s));
}

TEST_CASE("a later answer takes the place of an earlier one, with its own time", "[dns]") {
  Cache cache{8};
  cache.put("a", addresses({"192.0.2.1"}), kNow + 100s);
  cache.put("a", addresses({"192.0.2.2"}), kNow + 10s);
  CHECK(cache.size() == 1);
  CHECK(cache.find("a", kNow) == addresses({"192.0.2.2"}));
  CHECK_FALSE(cache.find("a", kNow + 10s));
}

TEST_CASE("a full cache drops what would expire first", "[dns]") {
  Cache cache{2};
  cache.put("a", addresses({"192.0.2.1"}), kNow + 10s);
  cache.put("b", addresses({"192.0.2.2"}), kNow + 5s);
  cache.put("c", addresses({"192.0.2.3"}), kNow + 20s);
  CHECK(cache.size() == 2);
  CHECK_FALSE(cache.find("b", kNow));
  CHECK(cache.find("a", kNow));
  CHECK_FALSE(cache.find("a", kNow + 10s));
}

TEST_CASE("replacing an answer in a full cache drops no other", "[dns]") {
  Cache cache{2};
  cache.put("a", addresses({"192.0.2.1"}), kNow + 5s);
  cache.put("b", addresses({"192.0.2.2"}), kNow + 10s);
  cache.put("b", addresses({"192.0.2.3"}), kNow + 20s);
  CHECK(cache.size() == 2);
  CHECK(cache.find("a", kNow));
}
