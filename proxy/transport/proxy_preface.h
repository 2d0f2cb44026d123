#pragma once

#include <functional>
#include <optional>

#include "common/event/loop.h"
#include "common/event/timer.h"
#include "common/event/watch.h"
#include "common/net/fd.h"
#include "proxy/transport/proxy_header.h"

namespace proxy::transport {

/// An accepted connection of a load balancer until its PROXY protocol header has been read. Takes no byte behind the
/// header off the socket, so that TLS and SIP begin as without a balancer.
class ProxyPreface {
 public:
  enum class Failure : std::uint8_t { Timeout, Malformed, Closed };
  /// Called once, from the loop, when this object may be destroyed only later.
  struct Events {
    std::function<void(common::Fd, const ProxyHeader&)> on_header;
    std::function<void(Failure)> on_failed;
  };

  /// The header has to be whole within `limit`.
  ProxyPreface(common::event::Loop& loop, common::Fd fd, common::Duration limit, Events events);

 private:
  void read_some();
  void fail(Failure failure);

  common::Fd fd_;
  Events events_;
  ProxyHeaderReader reader_;
  bool is_over_ = false;
  common::event::Watch watch_;
  common::event::Timer deadline_;
};

}  // namespace proxy::transport
