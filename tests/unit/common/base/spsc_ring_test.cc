#include "common/base/spsc_ring.h"

#include <catch2/catch.hpp>
#include <memory>
#include <thread>

using common::SpscRing;

TEST_CASE("a full ring refuses and keeps the value with its owner", "[ring]") {
  SpscRing<std::unique_ptr<int>> ring(2);
  CHECK(ring.push(std::make_unique<int>(1)));
  CHECK(ring.push(std::make_unique<int>(2)));
  auto third = std::make_unique<int>(3);
  CHECK_FALSE(ring.push(std::move(third)));
  CHECK(*third == 3);
  CHECK(**ring.pop() == 1);
  CHECK(ring.push(std::move(third)));
}

TEST_CASE("two threads pass every value once and in order", "[ring]") {
  constexpr int kCount = 100'000;
  SpscRing<int> ring(64);
  std::thread producer([&] {
    for (int i = 0; i < kCount;) {
      if (ring.push(int{i})) {
        ++i;
      } else {
        std::this_thread::yield();
      }
    }
  });
  int expected = 0;
  while (expected < kCount) {
    const auto value = ring.pop();
    if (!value) {
      std::this_thread::yield();
      continue;
    }
    if (*value != expected) break;
    ++expected;
  }
  producer.join();
  CHECK(expected == kCount);
}
