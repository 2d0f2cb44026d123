#pragma once

#include <functional>
#include <set>

#include "common/event/watch.h"
#include "common/net/address.h"
#include "common/net/fd.h"

namespace proxy::cluster {

/// The addresses that this machine has now, as the kernel tells: a service address moves between the nodes of a pair.
class HeldAddresses {
 public:
  /// `on_changed` is told from the loop.
  HeldAddresses(common::event::Loop& loop, std::function<void()> on_changed);

  /// True also for loopback, and for the unspecified address, which stands for all.
  bool holds(const common::IpAddress& address) const;

 private:
  void read();

  std::function<void()> on_changed_;
  std::set<common::IpAddress> addresses_;
  common::Fd netlink_;
  common::event::Watch watch_;
};

}  // namespace proxy::cluster
