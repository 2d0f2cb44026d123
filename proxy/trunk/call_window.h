#pragma once

#include <array>
#include <cstdint>

#include "common/time/instant.h"

namespace proxy::trunk {

/// Counts of the calls of the last while, in ten slices that fall out one by one.
class CallWindow {
 public:
  struct Totals {
    std::uint32_t calls = 0;
    std::uint32_t failures = 0;
    std::uint32_t answers = 0;  // calls with a delay
    common::Duration delay{};   // sum over `answers`
  };

  explicit CallWindow(common::Duration length) noexcept : slice_length_(length / kSlices) {}

  void add_failure(common::Instant now) noexcept {
    Totals& slice = slice_at(now);
    ++slice.calls;
    ++slice.failures;
  }
  /// `delay`: until the callee's side showed itself.
  void add_success(common::Duration delay, common::Instant now) noexcept {
    Totals& slice = slice_at(now);
    ++slice.calls;
    ++slice.answers;
    slice.delay += delay;
  }
  Totals totals(common::Instant now) noexcept {
    slice_at(now);
    Totals sum;
    for (const Totals& slice : slices_) {
      sum.calls += slice.calls;
      sum.failures += slice.failures;
      sum.answers += slice.answers;
      sum.delay += slice.delay;
    }
    return sum;
  }
  void clear() noexcept { slices_ = {}; }

 private:
  static constexpr std::int64_t kSlices = 10;

  Totals& slice_at(common::Instant now) noexcept {
    const std::int64_t number = now.time_since_epoch() / slice_length_;
    if (number - newest_ >= kSlices) {
      clear();
      newest_ = number;
    }
    while (newest_ < number) slices_[static_cast<std::size_t>(++newest_ % kSlices)] = {};
    return slices_[static_cast<std::size_t>(number % kSlices)];
  }

  common::Duration slice_length_;
  std::array<Totals, kSlices> slices_{};
  std::int64_t newest_ = 0;
};

}  // namespace proxy::trunk
