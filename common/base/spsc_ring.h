#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace common {

/// Bounded queue between exactly one producing and one consuming thread. Neither waits.
template <class T>
class SpscRing {
 public:
  /// `capacity` is rounded up to a power of two.
  explicit SpscRing(std::size_t capacity) : mask_(round_up(capacity) - 1), slots_(new std::optional<T>[mask_ + 1]) {}

  /// Producer. Takes `value`, or gives false and leaves it as it is when the ring is full.
  bool push(T& value) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_.load(std::memory_order_acquire) > mask_) return false;
    slots_[tail & mask_].emplace(std::move(value));
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  /// Consumer.
  std::optional<T> pop() {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return std::nullopt;
    std::optional<T> value = std::move(slots_[head & mask_]);
    slots_[head & mask_].reset();
    head_.store(head + 1, std::memory_order_release);
    return value;
  }

 private:
  static constexpr std::size_t kCacheLine = 64;

  static std::size_t round_up(std::size_t capacity) {
    std::size_t power = 1;
    while (power < capacity) power *= 2;
    return power;
  }

  std::size_t mask_;
  std::unique_ptr<std::optional<T>[]> slots_;
  alignas(kCacheLine) std::atomic<std::size_t> head_{0};
  alignas(kCacheLine) std::atomic<std::size_t> tail_{0};
};

}  // namespace common
