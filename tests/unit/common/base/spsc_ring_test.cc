#include "common/base/spsc_ring.h"

#include <catch2/catch.hpp>
#include <memory>
#include <thread>

using common::SpscRing;

TEST_CASE("a full ring refuses and keeps the value with its owner", "[ring]") {
  SpscRing<std::unique_ptr<int>> ring(2);
  for (int i = 1; i <= 2; ++i) {
    auto value = std::make_unique<int>(i);
    CHECK(ring.push(value));
    CHECK(value == nullptr);
  }
  auto third = std::make_unique<int>(3);
  CHECK_FALSE(ring.push(third));
  CHECK(*third == 3);
  CHECK(**ring.pop() == 1);
  CHECK(ring.push(third));
}

TEST_CASE("two threads pass every value once and in order", "[ring]") {
  constexpr int kCount = 100'000;
  SpscRing<int> ring(64);
  std::thread producer([&] {
    for (int i = 0; i < kCount; ++i) {
      for (int value = i; !ring.push(value);) std::this_thread::yield();
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
