#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/event/loop.h"
#include "common/net/address.h"
#include "proxy/media/relay_control.h"

/// The media relays as this process reaches them.
namespace proxy::relay_pool {

/// One relay as it looks now, for metrics.
struct RelayStatus {
  common::SocketAddress address;
  bool healthy = false;
  std::uint16_t boot = 0;
  std::uint64_t requests = 0;  // pings left out
  std::uint64_t failures = 0;  // of them, without any reply
  std::size_t in_flight = 0;
};

/// Speaks ng over UDP with every configured relay and pings them all. Belongs to the thread of its loop.
class RelayPool final : public media::RelayControl {
 public:
  struct Settings {
    std::vector<common::SocketAddress> relays;
    common::Duration timeout = std::chrono::seconds{3};
    common::Duration ping_interval = std::chrono::seconds{5};
    common::Duration retry_interval = std::chrono::seconds{1};  // of pings while a relay does not answer
  };

  /// `cookie_prefix` is random per process: two proxies behind one address never collide.
  RelayPool(common::event::Loop& loop, Settings settings, std::string cookie_prefix);
  ~RelayPool() override;
  RelayPool(const RelayPool&) = delete;
  RelayPool& operator=(const RelayPool&) = delete;

  std::vector<media::RelayIndex> order_for(std::string_view call_id) const override;
  std::uint16_t boot(media::RelayIndex relay) const override;
  void ask(media::RelayIndex relay, const ng::Request& request, Done done) override;

  std::vector<RelayStatus> statuses() const;

 private:
  class Relay;
  common::event::Loop& loop_;
  Settings settings_;
  std::vector<std::unique_ptr<Relay>> relays_;
};

}  // namespace proxy::relay_pool
