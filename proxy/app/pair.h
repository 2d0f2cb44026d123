#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/event/loop.h"
#include "proxy/app/proxy_config.h"
#include "proxy/app/secret_file.h"
#include "proxy/cluster/held_addresses.h"
#include "proxy/cluster/links.h"
#include "proxy/cluster/switch.h"
#include "proxy/core/listeners.h"
#include "proxy/dns/resolver.h"
#include "proxy/redis/shared_state.h"
#include "proxy/store/memory_location_store.h"
#include "proxy/worker/worker.h"

namespace proxy::app {

/// What makes this proxy one of several: the state they share in Redis, and the links over which they send for each
/// other. Each is there if it is configured; without either, everything stays in this process.
class Pair {
 public:
  /// `copy` holds this node's registrations; it, `random` and `resolver` outlive the pair.
  Pair(common::event::Loop& loop, common::crypto::Random& random, const ProxyConfig& config, transport::ProcessId self,
       store::MemoryLocationStore& copy, dns::Resolver& resolver);
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  /// Once the worker has its sockets. `listeners` outlives the pair.
  transport::Sender& attach(worker::Worker& worker, const core::Listeners& listeners);
  /// Errors: why Redis cannot be used, or the others not be listened for.
  std::vector<std::string> open(const Secrets& secrets);

  store::LocationStore& locations() noexcept;
  bool hand_over(transport::ProcessId to, const transport::Flow& flow, const std::string& bytes);
  bool is_foreign(std::uint64_t key, transport::SendError error);

  const redis::SharedState* redis() const noexcept { return redis_ ? &*redis_ : nullptr; }
  const cluster::Links* links() const noexcept { return links_.get(); }
  const cluster::Switch* egress() const noexcept { return switch_ ? &*switch_ : nullptr; }

 private:
  void open_redis();
  std::vector<transport::ListenerId> held_listeners() const;
  void on_registered_elsewhere(const std::string& aor);
  void resolve(const std::string& host, const std::function<void(std::vector<common::IpAddress>)>& done);

  common::event::Loop& loop_;
  common::crypto::Random& random_;
  const ProxyConfig& config_;
  transport::ProcessId self_;
  store::MemoryLocationStore& copy_;
  dns::Resolver& resolver_;
  std::vector<std::string> problems_;
  worker::Worker* worker_ = nullptr;
  const core::Listeners* listeners_ = nullptr;
  std::optional<redis::SharedState> redis_;
  std::optional<cluster::HeldAddresses> held_;
  std::optional<cluster::Switch> switch_;
  std::unique_ptr<cluster::Links> links_;
};

}  // namespace proxy::app
