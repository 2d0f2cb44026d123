#include "proxy/auth/nonce_counts.h"

namespace proxy::auth {

bool NonceCounts::use(std::string_view nonce, common::WallTime made_at, std::uint32_t count) {
  if (count == 0) return false;
  std::string key{nonce};
  if (const auto known = highest_.find(key); known != highest_.end()) {
    if (count <= known->second.highest) return false;
    known->second.highest = count;
    return true;
  }
  if (made_at <= used_up_before_) return false;
  if (highest_.size() >= max_nonces_) forget_oldest();
  if (made_at <= used_up_before_) return false;
  const auto age = ages_.emplace(made_at, key);
  highest_.emplace(std::move(key), Entry{count, age});
  return true;
}

void NonceCounts::forget_oldest() {
  if (ages_.empty()) return;
  used_up_before_ = std::max(used_up_before_, ages_.begin()->first);
  forget_before(used_up_before_ + std::chrono::milliseconds{1});
}

void NonceCounts::forget_before(common::WallTime limit) {
  while (!ages_.empty() && ages_.begin()->first < limit) {
    highest_.erase(ages_.begin()->second);
    ages_.erase(ages_.begin());
  }
}

}  // namespace proxy::auth
