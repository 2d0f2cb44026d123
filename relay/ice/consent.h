#pragma once

#include <array>
#include <optional>

#include "common/crypto/random.h"
#include "common/time/instant.h"
#include "relay/stun/types.h"

namespace relay::ice {

/// Consent freshness of one selected pair, RFC 7675 §5.1. Only keeps the times and the open transactions.
class Consent {
 public:
  static constexpr common::Duration kExpiry = std::chrono::seconds{30};

  /// A full agent asks every 4 to 6 seconds.
  static Consent asking(common::crypto::Random& random, common::Instant now);
  /// A lite agent sends no checks; it watches those of its peer. A peer that never repeats its checks has no consent to
  /// lose, so the clock starts with the first check that comes a second after selection or later.
  static Consent watching(common::Instant now);

  bool due(common::Instant now) const noexcept { return next_check_ && *next_check_ <= now; }
  bool expired(common::Instant now) const noexcept { return expires_ && *expires_ <= now; }
  /// A check went out; it is not repeated, the next one has another id.
  void on_sent(const stun::TransactionId& id, common::crypto::Random& random, common::Instant now);
  bool owns(const stun::TransactionId& id) const noexcept;
  /// An authenticated answer came from the pair.
  void on_answer(common::Instant now) noexcept { expires_ = now + kExpiry; }
  /// An authenticated check came from the pair.
  void on_check(common::Instant now) noexcept;
  std::optional<common::Instant> next_timeout() const noexcept;

 private:
  static constexpr std::size_t kOpen = 8;  // more than 30 s hold

  common::Instant since_;
  std::optional<common::Instant> next_check_;  // absent: watching
  std::optional<common::Instant> expires_;
  std::array<stun::TransactionId, kOpen> open_{};
  std::size_t sent_ = 0;
};

}  // namespace relay::ice
