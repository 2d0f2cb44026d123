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

/// Where relays report calls whose media has ended: the serving end of ng over UDP, for one command.
class TeardownListener {
 public:
  /// False: the call is not ours.
  using OnTeardown = std::function<bool(const ng::Request&, common::Instant now)>;

  /// Only the addresses of `relays` are heard. Error: a text that names address and cause.
  [[nodiscard]] static common::Result<std::unique_ptr<TeardownListener>, std::string> listen(
      common::event::Loop& loop, const common::SocketAddress& bind, std::vector<common::SocketAddress> relays,
      OnTeardown on_teardown);
  TeardownListener(const TeardownListener&) = delete;
  TeardownListener& operator=(const TeardownListener&) = delete;

  /// With the port the system chose.
  common::SocketAddress local() const;
  std::uint64_t strangers() const noexcept { return strangers_; }

 private:
  TeardownListener(common::event::Loop& loop, common::Fd socket, std::vector<common::SocketAddress> relays,
                   OnTeardown on_teardown);
  void on_readable();
  void drain();
  ng::Reply work_on(const ng::Request& request);

  common::event::Loop& loop_;
  common::Fd socket_;
  std::vector<common::SocketAddress> relays_;
  OnTeardown on_teardown_;
  ng::Server server_;
  std::uint64_t strangers_ = 0;
  common::event::Watch watch_;
  common::event::Timer timer_;
};

}  // namespace proxy::relay_pool
