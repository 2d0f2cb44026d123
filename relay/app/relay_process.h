#pragma once

#include <memory>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/crypto/random.h"
#include "common/event/signal.h"
#include "common/event/timer.h"
#include "common/http/server.h"
#include "common/metrics/metrics.h"
#include "relay/app/relay_config.h"
#include "relay/control/call_directory.h"
#include "relay/control/ng_endpoint.h"
#include "relay/control/shard_pool.h"
#include "relay/control/teardown_sender.h"

namespace relay::app {

/// Every part of a running relay, wired on one control loop.
class RelayProcess {
 public:
  /// Opens every listener. Error: a text that names what could not be opened and why.
  [[nodiscard]] static common::Result<std::unique_ptr<RelayProcess>, std::string> start(common::event::Loop& loop,
                                                                                        const RelayConfig& config);
  RelayProcess(const RelayProcess&) = delete;
  RelayProcess& operator=(const RelayProcess&) = delete;

  /// No call begins any more. When the last one has ended and its proxy knows, the loop is stopped; after
  /// `drain_timeout` those that are left are ended.
  void drain();
  /// Ends every call: its parties hear RTCP BYE and the end of DTLS, its proxy a teardown. The loop is stopped when all
  /// of that is said, or after a second.
  void end();

  const common::SocketAddress& ng_address() const noexcept { return ng_->local(); }
  const common::SocketAddress& http_address() const noexcept { return http_->local(); }

 private:
  RelayProcess(common::event::Loop& loop, const RelayConfig& config,
               std::shared_ptr<const dtls::Certificate> certificate);
  std::optional<std::string> listen(const RelayConfig& config);
  void add_routes();
  void collect(common::metrics::Page& page) const;
  void after_input();
  void stop_if_done();

  common::event::Loop& loop_;
  common::Duration drain_timeout_;
  common::crypto::SystemRandom random_;
  control::ShardPool shards_;
  control::PortAllocator ports_;
  control::CallDirectory directory_;
  control::TeardownSender teardown_;
  common::metrics::Registry metrics_;
  common::event::Timer directory_timer_;
  common::event::Timer drain_deadline_;
  common::event::Timer end_deadline_;
  bool ending_ = false;
  std::unique_ptr<control::NgEndpoint> ng_;
  std::unique_ptr<common::http::Server> http_;
};

}  // namespace relay::app
