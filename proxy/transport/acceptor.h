#pragma once

#include <functional>

#include "common/event/timer.h"
#include "common/event/watch.h"
#include "common/net/address.h"
#include "common/net/fd.h"
#include "proxy/transport/stats.h"

namespace proxy::transport {

/// Takes connections off one listening socket. Out of descriptors it rests for a while instead of spinning.
class Acceptor {
 public:
  using OnAccept = std::function<void(common::Fd, const common::SocketAddress& remote)>;
  Acceptor(common::event::Loop& loop, common::Fd fd, Stats& stats, OnAccept on_accept);

 private:
  void accept_some();

  common::event::Loop& loop_;
  common::Fd fd_;
  Stats& stats_;
  OnAccept on_accept_;
  common::event::Watch watch_;
  common::event::Timer rest_;
};

}  // namespace proxy::transport
