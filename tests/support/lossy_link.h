#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "common/base/bytes.h"
#include "common/crypto/random.h"
#include "common/time/instant.h"

namespace tests {

/// What a network does to datagrams, repeatable from its seed.
struct Impairment {
  unsigned loss_percent = 0;
  unsigned duplicate_percent = 0;
  common::Duration delay{};
  common::Duration jitter{};  // added to the delay, evenly spread: reorders
};

/// Carries datagrams with a label each (where from, where to) between cores in memory.
template <class Label>
class LossyLink {
 public:
  struct Delivery {
    Label label;
    common::Bytes bytes;
  };

  LossyLink(std::uint64_t seed, Impairment impairment) : random_(seed), impairment_(impairment) {}

  void send(Label label, common::Bytes bytes, common::Instant now) {
    if (chance(impairment_.loss_percent)) return;
    if (chance(impairment_.duplicate_percent)) under_way_.emplace(arrival(now), Delivery{label, bytes});
    under_way_.emplace(arrival(now), Delivery{std::move(label), std::move(bytes)});
  }

  std::optional<common::Instant> next_arrival() const {
    if (under_way_.empty()) return std::nullopt;
    return under_way_.begin()->first;
  }

  /// The earliest datagram due at `now`.
  std::optional<Delivery> receive(common::Instant now) {
    if (under_way_.empty() || under_way_.begin()->first > now) return std::nullopt;
    Delivery delivery = std::move(under_way_.begin()->second);
    under_way_.erase(under_way_.begin());
    return delivery;
  }

  void set(Impairment impairment) { impairment_ = impairment; }

 private:
  bool chance(unsigned percent) { return random_.u32() % 100 < percent; }
  common::Instant arrival(common::Instant now) {
    const auto spread = impairment_.jitter.count();
    const auto extra = spread == 0 ? 0 : static_cast<std::int64_t>(random_.u32()) % spread;
    return now + impairment_.delay + common::Duration{extra};
  }

  common::crypto::SeededRandom random_;
  Impairment impairment_;
  std::multimap<common::Instant, Delivery> under_way_;
};

}  // namespace tests
