#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "common/net/address.h"
#include "common/time/instant.h"

namespace proxy::transport {

/// The last datagrams sent, so that an ICMP error, which names only a destination, finds the messages it concerns.
class RecentSends {
 public:
  void note(const common::SocketAddress& remote, std::uint64_t key, common::Instant now) noexcept {
    if (key == 0) return;
    ring_[next_++ % ring_.size()] = {remote, key, now};
  }

  /// Keys lately sent to `remote`, each once; they are forgotten.
  std::vector<std::uint64_t> take(const common::SocketAddress& remote, common::Instant now) {
    std::vector<std::uint64_t> keys;
    for (Sent& sent : ring_) {
      if (sent.key == 0 || sent.remote != remote) continue;
      const bool known = std::find(keys.begin(), keys.end(), sent.key) != keys.end();
      if (!known && now - sent.at <= kWindow) keys.push_back(sent.key);
      sent.key = 0;
    }
    return keys;
  }

 private:
  static constexpr common::Duration kWindow = std::chrono::seconds{5};
  struct Sent {
    common::SocketAddress remote;
    std::uint64_t key = 0;
    common::Instant at{};
  };
  std::array<Sent, 2048> ring_{};
  std::size_t next_ = 0;
};

}  // namespace proxy::transport
