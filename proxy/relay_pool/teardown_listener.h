#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/event/timer.h"
#include "common/event/watch.h"
#include "common/net/address.h"
#include "common/net/fd.h"
#include "control-protocol/server/server.h"

namespace proxy::relay_pool {

/// Hears from relays that the media of a call has ended by itself. Speaks the serving end of the ng protocol over UDP
/// and knows the commands teardown and ping only.
class TeardownListener {
 public:
  /// False: the blob's seal does not open, or the call is not ours. A repeated request does not run twice.
  using OnTeardown = std::function<bool(const ng::Request&, common::Instant now)>;
  struct Counters {
    std::uint64_t accepted = 0;
    std::uint64_t refused = 0;
    std::uint64_t strangers = 0;  // datagrams from elsewhere than a relay's IP address
    std::uint64_t lost_replies = 0;
  };

  /// `relays` are heard from any port. Error: a text that names address and cause.
  [[nodiscard]] static common::Result<std::unique_ptr<TeardownListener>, std::string> listen(
      common::event::Loop& loop, const common::SocketAddress& bind, std::vector<common::SocketAddress> relays,
      OnTeardown on_teardown);
  TeardownListener(const TeardownListener&) = delete;
  TeardownListener& operator=(const TeardownListener&) = delete;

  /// With the port the system chose.
  const common::SocketAddress& local() const noexcept { return local_; }
  const Counters& counters() const noexcept { return counters_; }
  const ng::ServerCounters& server_counters() const noexcept { return server_.counters(); }

 private:
  TeardownListener(common::event::Loop& loop, common::Fd fd, std::vector<common::SocketAddress> relays,
                   OnTeardown on_teardown);
  bool is_relay(const common::SocketAddress& source) const;
  void on_readable();
  void drain(common::Instant now);
  void send(const ng::SendReply& reply);
  ng::Reply run(const ng::Request& request, common::Instant now);

  common::event::Loop& loop_;
  common::Fd fd_;
  common::SocketAddress local_;
  std::vector<common::SocketAddress> relays_;
  OnTeardown on_teardown_;
  ng::Server server_;
  Counters counters_;
  common::event::Watch watch_;
  common::event::Timer cache_timer_;
};

}  // namespace proxy::relay_pool
