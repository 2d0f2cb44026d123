#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>

#include "common/time/timer_queue.h"
#include "proxy/transaction/table.h"
#include "proxy/transaction/timers.h"

namespace proxy::core {

/// How long what is meant for a user waits while the user's connection is away.
inline constexpr common::Duration kFlowReturn = std::chrono::seconds{20};

/// What waits for a user to register again, by the server transaction it belongs to.
class FlowWaits {
 public:
  struct Wait {
    std::uint32_t owner = 0;  // owner_of_user()
    common::Instant until;
    std::function<void()> on_return;  // the user has registered; may add the wait again, with the same end
    std::function<void()> on_end;     // it has not
  };

  /// Takes the place of an older wait of this transaction. False: too many wait already, and nothing was taken.
  [[nodiscard]] bool add(transaction::TransactionId server, Wait wait);
  void cancel(transaction::TransactionId server);
  /// Runs out before its time. False: nothing waits.
  bool end(transaction::TransactionId server);
  bool contains(transaction::TransactionId server) const { return waits_.contains(server); }
  void wake(std::uint32_t owner);
  void on_timeout(common::Instant now);
  transaction::Timer next_timeout() const noexcept { return timers_.next(); }
  std::size_t size() const noexcept { return waits_.size(); }

 private:
  Wait take(transaction::TransactionId server);

  std::unordered_map<transaction::TransactionId, Wait> waits_;
  std::multimap<std::uint32_t, transaction::TransactionId> by_owner_;
  common::TimerQueue<transaction::TransactionId> timers_;
};

}  // namespace proxy::core
