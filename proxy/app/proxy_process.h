#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/crypto/random.h"
#include "common/event/loop.h"
#include "common/event/timer.h"
#include "common/http/server.h"
#include "common/metrics/metrics.h"
#include "proxy/app/pair.h"
#include "proxy/app/proxy_config.h"
#include "proxy/app/secret_file.h"
#include "proxy/auth/authenticator.h"
#include "proxy/core/services.h"
#include "proxy/dns/resolver.h"
#include "proxy/registrar/registrar.h"
#include "proxy/relay_pool/relay_pool.h"
#include "proxy/relay_pool/teardown_listener.h"
#include "proxy/store/memory_location_store.h"
#include "proxy/worker/settling_relays.h"
#include "proxy/worker/worker.h"

namespace proxy::app {

/// Every part of a running proxy, wired together. Belongs to the thread of its loop.
class ProxyProcess {
 public:
  /// Errors: everything that keeps it from starting.
  [[nodiscard]] static common::Result<std::unique_ptr<ProxyProcess>, std::vector<std::string>> start(
      common::event::Loop& loop, ProxyConfig config);
  ProxyProcess(const ProxyProcess&) = delete;
  ProxyProcess& operator=(const ProxyProcess&) = delete;

  /// Takes certificates, secrets, users, trunks and routes of `config` over; what is open and what runs stays.
  /// Listeners, relays and domains need a restart. Gives what could not be taken over; then nothing was.
  std::vector<std::string> reload(const ProxyConfig& config);

  /// No new connections; the loop stops when no request is being forwarded any more.
  void drain();

  /// nullopt: there is no admin listener.
  std::optional<common::SocketAddress> admin_address() const;

 private:
  ProxyProcess(common::event::Loop& loop, ProxyConfig config, const Secrets& secrets);
  std::vector<std::string> open(const Secrets& secrets);
  core::Services services_for(worker::Worker& worker);
  void add_routes();
  void collect(common::metrics::Page& page) const;
  void learn_trunk_places();
  bool is_ready() const;
  void stop_if_idle();

  common::event::Loop& loop_;
  ProxyConfig config_;
  common::crypto::SystemRandom random_;
  core::Settings settings_;
  core::Keys keys_;
  core::Administration administration_;
  std::optional<core::Listeners> listeners_;
  store::MemoryLocationStore store_;  // with Redis this node's copy
  dns::Resolver resolver_;
  Pair pair_;
  registrar::Registrar registrar_;
  auth::Authenticator authenticator_;
  relay_pool::RelayPool relays_;
  trunk::Health trunk_health_;
  std::optional<worker::SettlingRelays> settling_relays_;
  std::unique_ptr<worker::Worker> worker_;
  std::unique_ptr<relay_pool::TeardownListener> teardown_;
  std::unique_ptr<common::http::Server> http_;
  common::metrics::Registry metrics_;
  common::event::Timer trunk_timer_;
  common::event::Timer drain_timer_;
  bool draining_ = false;
  common::Instant drain_deadline_{};
};

}  // namespace proxy::app
