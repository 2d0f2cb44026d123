#include "proxy/transport/recent_sends.h"

#include <catch2/catch.hpp>
#include <memory>

using namespace proxy::transport;
using namespace std::chrono_literals;

namespace {

using Keys = std::vector<std::uint64_t>;
const auto kHere = *common::SocketAddress::parse("192.0.2.1:5060");
const auto kThere = *common::SocketAddress::parse("192.0.2.1:5061");

struct Bench {
  std::unique_ptr<RecentSends> sends = std::make_unique<RecentSends>();
  common::Instant now{1000s};
  Keys take(const common::SocketAddress& remote) { return sends->take(remote, now); }
};

}  // namespace

TEST_CASE("an error finds every message lately sent to its destination, once", "[transport]") {
  Bench bench;
  bench.sends->note(kHere, 1, bench.now);
  bench.sends->note(kThere, 2, bench.now);
  bench.sends->note(kHere, 3, bench.now);
  CHECK(bench.take(kHere) == Keys{1, 3});
  CHECK(bench.take(kHere).empty());
  CHECK(bench.take(kThere) == Keys{2});
}

TEST_CASE("a message that was repeated is told once", "[transport]") {
  Bench bench;
  for (int i = 0; i < 3; ++i) bench.sends->note(kHere, 7, bench.now);
  CHECK(bench.take(kHere) == Keys{7});
  CHECK(bench.take(kHere).empty());
}

TEST_CASE("what was sent long ago is not what the error is about", "[transport]") {
  Bench bench;
  bench.sends->note(kHere, 1, bench.now);
  bench.sends->note(kHere, 2, bench.now + 1s);
  bench.now += 6s;
  CHECK(bench.take(kHere) == Keys{2});
}

TEST_CASE("a message that nobody asks for is not noted", "[transport]") {
  Bench bench;
  bench.sends->note(kHere, 0, bench.now);
  CHECK(bench.take(kHere).empty());
}

TEST_CASE("the latest two thousand datagrams are remembered, older ones make room", "[transport]") {
  Bench bench;
  bench.sends->note(kHere, 1, bench.now);
  for (std::uint64_t key = 2; key <= 2048; ++key) bench.sends->note(kThere, key, bench.now);
  SECTION("just not yet") { CHECK(bench.take(kHere) == Keys{1}); }
  SECTION("now") {
    bench.sends->note(kThere, 9999, bench.now);
    CHECK(bench.take(kHere).empty());
    CHECK(bench.take(kThere).size() == 2048);
  }
}
