#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "common/crypto/random.h"
#include "common/time/instant.h"
#include "proxy/auth/authenticator.h"
#include "proxy/auth/user_table.h"
#include "proxy/core/listeners.h"
#include "proxy/core/peer.h"
#include "proxy/core/sealer.h"
#include "proxy/media/relay_control.h"
#include "proxy/next_hop/location.h"
#include "proxy/registrar/registrar.h"
#include "proxy/routing/router.h"
#include "proxy/store/location_store.h"
#include "proxy/transaction/table.h"
#include "proxy/transport/flow.h"
#include "proxy/trunk/health.h"
#include "proxy/trunk/trunk.h"

namespace proxy::core {

struct Settings {
  std::string realm;                                        // of our digest challenges
  common::Duration ringing = std::chrono::minutes{4};       // timer C, RFC 3261 §16.6 step 11
  common::Duration provisional = std::chrono::seconds{4};   // a trunk's first sign of life
  common::Duration setup = std::chrono::seconds{30};        // all trunks together, until one rings
  common::Duration next_device = std::chrono::seconds{20};  // until a user's devices of a lower q ring instead
  std::uint32_t session_expires = 0;                        // s, RFC 4028; 0: left to the callers
  std::optional<common::SocketAddress> teardown;            // where relays report calls whose media has ended
  std::uint32_t boot = 0;  // random per start: connections of another process are not ours
};

/// What an administrator configures; a reload puts other values in its place.
struct Administration {
  auth::UserTable users;
  trunk::TrunkTable trunks;
  routing::Router router;
  bool follow_redirects = false;  // of users' devices; trunks have their own
};

/// Derived from the one or two secrets of a node or pair.
struct Keys {
  Sealer sealer;
  common::Bytes branch;                            // 32 bytes
  std::optional<common::Bytes> other_branch = {};  // of the second secret

  std::uint32_t hash_of(std::string_view tag) const { return tag_hash(branch, tag); }
  /// True if a cookie that either secret sealed is bound to this tag.
  bool is_bound(std::uint32_t hash, std::string_view tag) const {
    return hash == hash_of(tag) || (other_branch && hash == tag_hash(*other_branch, tag));
  }
};

/// Everything outside of a request that deciding about it needs. All of it outlives the core.
struct Services {
  const Settings& settings;
  const Listeners& listeners;
  Administration& administration;
  const Keys& keys;
  transaction::Table& table;
  transport::Sender& sender;
  store::LocationStore& store;
  registrar::Registrar& registrar;
  auth::Authenticator& authenticator;
  media::RelayControl& relays;
  trunk::Health& trunk_health;
  common::crypto::Random& random;
  /// Where a next hop is found, RFC 3263; `seed` is of its weighted choices. The completion may run before the call
  /// returns.
  std::function<void(next_hop::Wanted wanted, std::uint64_t seed, dns::Done<next_hop::Candidates> done)> locate;
  /// Gives a response to the process whose request it answers; false: it is not there. Empty: there is no other.
  std::function<bool(transport::ProcessId to, const transport::Flow& flow, const std::string& bytes)> hand_over;
  std::function<common::Instant()> now;
  std::function<common::WallTime()> wall;

  std::uint32_t unix_seconds() const {
    return static_cast<std::uint32_t>(std::chrono::floor<std::chrono::seconds>(wall()).time_since_epoch().count());
  }
};

/// Puts a message on the wire that no transaction waits for.
inline void transmit(Services& services, const transaction::Hop& hop, std::string bytes) {
  if (const auto* flow = std::get_if<transport::Flow>(&hop)) return services.sender.send(*flow, std::move(bytes), 0);
  services.sender.send_to(std::get<transport::Destination>(hop), std::move(bytes), 0);
}

}  // namespace proxy::core
