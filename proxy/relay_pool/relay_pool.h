#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/event/loop.h"
#include "common/event/timer.h"
#include "common/log/log.h"
#include "proxy/media/relay_control.h"
#include "proxy/relay_pool/relay_link.h"
#include "proxy/relay_pool/settings.h"

/// The proxy's side of the control traffic with its media relays: requests out, teardowns in.
namespace proxy::relay_pool {

/// The relays of the configuration over UDP, each pinged all the time. Belongs to the thread of its loop, and is not
/// destroyed by a completion. Requests still running when it is destroyed never tell their end.
class RelayPool final : public media::RelayControl {
 public:
  /// One to 256 relays. `cookie_prefix` is random per process: relays answer a cookie they remember from its cache.
  RelayPool(common::event::Loop& loop, Settings settings, const std::string& cookie_prefix);
  RelayPool(const RelayPool&) = delete;
  RelayPool& operator=(const RelayPool&) = delete;

  std::vector<media::RelayIndex> order_for(std::string_view call_id) const override;
  std::uint16_t boot(media::RelayIndex relay) const override;
  /// A request too large for a datagram is Unreachable as well, and says nothing about the relay.
  void ask(media::RelayIndex relay, const ng::Request& request, Done done) override;

  /// In the order of the configuration.
  std::vector<RelayStatus> statuses() const;

 private:
  void refuse(Done done);
  void tell_refused();

  common::event::Loop& loop_;
  Settings settings_;
  std::vector<std::unique_ptr<RelayLink>> links_;
  std::vector<Done> refused_;
  common::event::Timer refused_timer_;
  common::log::RateLimit too_large_log_;
};

}  // namespace proxy::relay_pool
