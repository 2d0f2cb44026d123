#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/event/timer.h"
#include "common/event/watch.h"
#include "common/net/address.h"
#include "common/net/fd.h"
#include "control-protocol/client/client.h"
#include "proxy/media/relay_control.h"
#include "proxy/relay_pool/settings.h"

namespace proxy::relay_pool {

/// One relay as metrics see it. Pings are not counted.
struct RelayStatus {
  common::SocketAddress address;
  bool healthy = false;    // its last ping was answered and nothing has failed since
  std::uint16_t boot = 0;  // 0: not known
  std::uint64_t requests = 0;
  std::uint64_t failures = 0;  // ended without a reply; an error reply is a reply
  std::uint64_t timeouts = 0;  // those of the failures that waited in vain
  std::size_t in_flight = 0;
};

/// Sixteen bits of a boot id, never 0 unless there is none.
std::uint16_t fold_boot_id(std::string_view boot_id);

/// The way to one relay: a connected UDP socket, the requests on it, and pings that say whether anybody listens.
class RelayLink {
 public:
  using Done = media::RelayControl::Done;

  /// `settings` outlives the link. The first ping goes out in the loop's next cycle.
  RelayLink(common::event::Loop& loop, const common::SocketAddress& address, const Settings& settings,
            const std::string& cookie_prefix);
  RelayLink(const RelayLink&) = delete;
  RelayLink& operator=(const RelayLink&) = delete;

  /// `done` runs once, from the loop. Those of a link that is destroyed never run.
  void ask(const ng::Request& request, Done done);

  bool healthy() const noexcept { return health_ == Health::Reachable; }
  std::uint16_t boot() const noexcept { return status_.boot; }
  RelayStatus status() const;

 private:
  enum class Health : std::uint8_t { Unknown, Reachable, Unreachable };

  void on_timer(common::Instant now);
  void on_readable();
  void ping(common::Instant now);
  void reconnect();
  void drain(common::Instant now);
  std::vector<ng::Completed> transmit(ng::Client& client);
  bool send(std::string_view message);
  void on_unreachable();
  void on_completed(ng::Completed& request);
  void on_ping_completed(const ng::Completed& ping, common::Instant now);
  void note_boot(const ng::Reply& reply);
  void mark_reachable();
  void mark_unreachable(ng::ClientError why);

  common::event::Loop& loop_;
  const Settings& settings_;
  ng::Client requests_;
  ng::Client pings_;  // beside the requests because of its own deadline
  std::unordered_map<ng::CallId, Done> waiting_;
  RelayStatus status_;
  Health health_ = Health::Unknown;
  std::optional<common::Instant> next_ping_;  // nullopt: one is under way
  common::Fd socket_;
  std::optional<common::event::Watch> watch_;
  common::event::Timer timer_;
};

}  // namespace proxy::relay_pool
