#include "proxy/auth/nonce.h"

#include <catch2/catch.hpp>

using namespace proxy::auth;
using namespace std::chrono_literals;

namespace {

constexpr common::WallTime kNow{1'700'000'000'123ms};
const NonceScope kScope{"example.org", "INVITE", "call-1", common::IpAddress::v4({192, 0, 2, 1})};

struct Bench {
  common::crypto::SeededRandom random{7};
  NonceMaker maker{common::Bytes(32, 1), random};
};

}  // namespace

TEST_CASE("a nonce tells when it was made, to the millisecond and to every node with the key", "[auth]") {
  Bench bench;
  const std::string nonce = bench.maker.make(kScope, kNow);
  CHECK(bench.maker.made_at(nonce, kScope) == kNow);
  common::crypto::SeededRandom other_random{8};
  CHECK(NonceMaker{common::Bytes(32, 1), other_random}.made_at(nonce, kScope) == kNow);
  CHECK_FALSE(NonceMaker{common::Bytes(32, 2), other_random}.made_at(nonce, kScope));
}

TEST_CASE("two nonces of one moment differ, and each holds", "[auth]") {
  Bench bench;
  const std::string one = bench.maker.make(kScope, kNow);
  const std::string other = bench.maker.make(kScope, kNow);
  CHECK(one != other);
  CHECK(bench.maker.made_at(one, kScope) == kNow);
  CHECK(bench.maker.made_at(other, kScope) == kNow);
}

TEST_CASE("a nonce is good only for its realm, method, Call-ID and source", "[auth][attack]") {
  Bench bench;
  const std::string nonce = bench.maker.make(kScope, kNow);
  NonceScope other = kScope;
  SECTION("realm") { other.realm = "example.com"; }
  SECTION("method") { other.method = "BYE"; }
  SECTION("Call-ID") { other.call_id = "call-2"; }
  SECTION("source") { other.source = common::IpAddress::v4({192, 0, 2, 2}); }
  SECTION("fields that only give the same text together") {
    other.realm = "example.orgI";
    other.method = "NVITE";
  }
  CHECK_FALSE(bench.maker.made_at(nonce, other));
}

TEST_CASE("a nonce may stand in a quoted string as it is", "[auth]") {
  Bench bench;
  const std::string nonce = bench.maker.make(kScope, kNow);
  CHECK(nonce.size() == 43);
  CHECK(nonce.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
        std::string::npos);
}

TEST_CASE("a changed, shortened or invented nonce is not ours", "[auth][attack]") {
  Bench bench;
  const std::string nonce = bench.maker.make(kScope, kNow);
  for (std::size_t i = 0; i + 1 < nonce.size(); ++i) {
    std::string changed = nonce;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    CHECK_FALSE(bench.maker.made_at(changed, kScope));
  }
  CHECK_FALSE(bench.maker.made_at("", kScope));
  CHECK_FALSE(bench.maker.made_at(nonce.substr(1), kScope));
  CHECK_FALSE(bench.maker.made_at(nonce + 'A', kScope));
  CHECK_FALSE(bench.maker.made_at(nonce.substr(0, 42) + '=', kScope));
  CHECK_FALSE(bench.maker.made_at(nonce.substr(0, 42) + '"', kScope));
  CHECK_FALSE(bench.maker.made_at(std::string(43, 'A'), kScope));
}

TEST_CASE("with another key what was made before is not ours any more", "[auth]") {
  Bench bench;
  const std::string nonce = bench.maker.make(kScope, kNow);
  bench.maker.set_key(common::Bytes(32, 9));
  CHECK_FALSE(bench.maker.made_at(nonce, kScope));
  CHECK(bench.maker.made_at(bench.maker.make(kScope, kNow), kScope) == kNow);
}
