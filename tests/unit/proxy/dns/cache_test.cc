#include "proxy/dns/cache.h"

#include <catch2/catch.hpp>

using namespace proxy::dns;
using namespace std::chrono_literals;

namespace {

constexpr common::Instant kStart{1000s};

Addresses address(const char* text) { return {*common::IpAddress::parse(text)}; }

}  // namespace

TEST_CASE("a full cache drops what would expire first", "[dns]") {
  Cache<Addresses> cache{2};
  cache.put("a", address("192.0.2.1"), kStart + 10s);
  cache.put("b", address("192.0.2.2"), kStart + 5s);
  cache.put("c", address("192.0.2.3"), kStart + 20s);
  CHECK(cache.size() == 2);
  CHECK_FALSE(cache.find("b", kStart));
  CHECK(cache.find("a", kStart));
  CHECK_FALSE(cache.find("a", kStart + 10s));
}

TEST_CASE("records that have expired can be revived for a day, absence never", "[dns]") {
  Cache<Addresses> cache{4};
  cache.put("a", address("192.0.2.1"), kStart);
  cache.put("b", common::Err{DnsError::NotFound}, kStart);
  CHECK_FALSE(cache.find("a", kStart));
  CHECK(cache.revive("a", kStart + 23h, kStart + 23h + 30s) == address("192.0.2.1"));
  CHECK(cache.find("a", kStart + 23h));
  CHECK_FALSE(cache.find("a", kStart + 23h + 30s));
  CHECK_FALSE(cache.revive("a", kStart + 24h, kStart + 25h));
  CHECK_FALSE(cache.revive("b", kStart, kStart + 1h));
}

TEST_CASE("a new outcome takes the place of the old one", "[dns]") {
  Cache<Addresses> cache{4};
  cache.put("a", address("192.0.2.1"), kStart + 10s);
  cache.put("a", common::Err{DnsError::NotFound}, kStart + 20s);
  CHECK(cache.size() == 1);
  CHECK_FALSE(*cache.find("a", kStart));
}

TEST_CASE("replacing an outcome in a full cache drops no other", "[dns]") {
  Cache<Addresses> cache{2};
  cache.put("a", address("192.0.2.1"), kStart + 5s);
  cache.put("b", address("192.0.2.2"), kStart + 10s);
  cache.put("b", address("192.0.2.3"), kStart + 20s);
  CHECK(cache.size() == 2);
  CHECK(cache.find("a", kStart));
}
