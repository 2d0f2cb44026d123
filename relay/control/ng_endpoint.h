#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "common/event/timer.h"
#include "common/event/watch.h"
#include "common/net/address.h"
#include "common/net/fd.h"
#include "control-protocol/server/server.h"
#include "control-protocol/server/stream_framer.h"

namespace relay::control {

/// The ng protocol on one address, over UDP and TCP on the same port. Requests carry media keys, so only peers of the
/// list are heard.
class NgEndpoint {
 public:
  using OnRequest = std::function<void(ng::RequestId, const ng::Request&, common::Instant now)>;
  struct Settings {
    common::SocketAddress bind;
    std::vector<common::Cidr> peers;
    std::size_t max_connections = 256;
    common::Duration idle_timeout = std::chrono::minutes{10};
  };
  struct Counters {
    std::uint64_t strangers = 0;  // messages and connections from outside the list
    std::uint64_t lost_replies = 0;
    std::uint64_t out_of_descriptors = 0;  // times the listener rested, connections waiting
  };

  /// Error: a text that names address and cause.
  [[nodiscard]] static common::Result<std::unique_ptr<NgEndpoint>, std::string> listen(common::event::Loop& loop,
                                                                                       Settings settings,
                                                                                       OnRequest on_request);
  ~NgEndpoint();
  NgEndpoint(const NgEndpoint&) = delete;
  NgEndpoint& operator=(const NgEndpoint&) = delete;

  void reply(ng::RequestId id, const ng::Reply& reply);

  /// With the port the system chose.
  const common::SocketAddress& local() const noexcept { return local_; }
  const ng::ServerCounters& server_counters() const noexcept { return server_.counters(); }
  const Counters& counters() const noexcept { return counters_; }

 private:
  class Connection;

  NgEndpoint(common::event::Loop& loop, Settings settings, OnRequest on_request, common::Fd udp, common::Fd tcp,
             common::SocketAddress local);
  bool is_peer(const common::SocketAddress& source);
  void on_datagrams();
  void on_connections();
  void rest();
  void on_stream_message(Connection& connection, std::string_view message);
  void close(std::uint64_t connection);
  void drain();
  void send(const ng::SendReply& reply);

  common::event::Loop& loop_;
  Settings settings_;
  OnRequest on_request_;
  common::Fd udp_;
  common::Fd tcp_;
  common::SocketAddress local_;
  ng::Server server_;
  Counters counters_;
  bool draining_ = false;
  std::uint64_t last_connection_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> connections_;
  common::event::Watch on_udp_;
  common::event::Watch on_tcp_;
  common::event::Timer rest_;
  common::event::Timer cache_timer_;
};

}  // namespace relay::control
