#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "common/time/instant.h"

namespace proxy::auth {

/// Lets every nonce count be used once, RFC 7616 §3.4 (`nc`), in bounded memory: when full, the oldest nonces are
/// forgotten and every nonce made before them counts as used up, so that forgetting never opens a replay.
class NonceCounts {
 public:
  explicit NonceCounts(std::size_t max_nonces) : max_nonces_(max_nonces) {}

  /// True if `count` is higher than every count seen with this nonce; remembers it.
  bool use(std::string_view nonce, common::WallTime made_at, std::uint32_t count);

  /// Nonces made before `limit` are expired anyway.
  void forget_before(common::WallTime limit);

  std::size_t size() const noexcept { return highest_.size(); }

 private:
  struct Entry {
    std::uint32_t highest;
    std::multimap<common::WallTime, std::string>::iterator by_age;
  };
  void forget_oldest();

  std::size_t max_nonces_;
  common::WallTime used_up_before_{};
  std::unordered_map<std::string, Entry> highest_;
  std::multimap<common::WallTime, std::string> ages_;
};

}  // namespace proxy::auth
