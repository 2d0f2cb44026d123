#pragma once

#include <vector>

#include "common/net/address.h"
#include "common/time/instant.h"

namespace proxy::relay_pool {

/// The relays in the order of the configuration, which cookies name them by, and how long to wait for them.
struct Settings {
  std::vector<common::SocketAddress> relays;
  common::Duration timeout = std::chrono::seconds{3};         // of one request
  common::Duration ping_interval = std::chrono::seconds{5};   // while it answers
  common::Duration retry_interval = std::chrono::seconds{1};  // while it does not
  common::Duration ping_deadline = std::chrono::seconds{1};   // of one ping
};

}  // namespace proxy::relay_pool
