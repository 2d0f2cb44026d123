#include "relay/ice/consent.h"

#include <algorithm>

namespace relay::ice {
namespace {

using namespace std::chrono_literals;

common::Duration random_interval(common::crypto::Random& random) {
  return 4s + std::chrono::milliseconds{random.u32() % 2001};  // 5 s ± 20 %
}

}  // namespace

Consent Consent::asking(common::crypto::Random& random, common::Instant now) {
  Consent consent;
  consent.since_ = now;
  consent.next_check_ = now + random_interval(random);
  consent.expires_ = now + kExpiry;
  return consent;
}

Consent Consent::watching(common::Instant now) {
  Consent consent;
  consent.since_ = now;
  return consent;
}

void Consent::on_sent(const stun::TransactionId& id, common::crypto::Random& random, common::Instant now) {
  open_[sent_++ % kOpen] = id;
  next_check_ = now + random_interval(random);
}

bool Consent::owns(const stun::TransactionId& id) const noexcept {
  return std::ranges::find(open_.begin(), open_.begin() + static_cast<std::ptrdiff_t>(std::min(sent_, kOpen)), id) !=
         open_.begin() + static_cast<std::ptrdiff_t>(std::min(sent_, kOpen));
}

void Consent::on_check(common::Instant now) noexcept {
  if (!next_check_ && (expires_ || now - since_ >= 1s)) expires_ = now + kExpiry;
}

std::optional<common::Instant> Consent::next_timeout() const noexcept {
  if (!next_check_ || !expires_) return expires_;
  return std::min(*next_check_, *expires_);
}

}  // namespace relay::ice
