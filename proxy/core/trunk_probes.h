#pragma once

#include <unordered_map>

#include "common/time/timer_queue.h"
#include "proxy/core/services.h"
#include "proxy/trunk/health.h"

namespace proxy::core {

/// OPTIONS to every place of trunks that want them, RFC 3261 §11. Any answer shows life, but 503 and a timeout of ours.
class TrunkProbes {
 public:
  explicit TrunkProbes(Services& services) : services_(services) {}

  void on_timeout(common::Instant now);
  transaction::Timer next_timeout() const noexcept {
    return transaction::earliest(services_.trunk_health.next_probe(), deadlines_.next());
  }

  /// True if the client transaction is one of ours.
  bool on_response(transaction::TransactionId client, const sip::Message& response);
  bool on_ended(transaction::TransactionId client);

 private:
  void send(const trunk::Place& place, common::Instant now);

  Services& services_;
  std::unordered_map<transaction::TransactionId, trunk::Place> running_;
  common::TimerQueue<transaction::TransactionId> deadlines_;
};

}  // namespace proxy::core
