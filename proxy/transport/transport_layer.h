#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/event/loop.h"
#include "proxy/transport/flow.h"
#include "proxy/transport/settings.h"
#include "proxy/transport/stats.h"

namespace proxy::transport {

/// Every listener and connection of one proxy, RFC 3261 §18: UDP, TCP, TLS, WS and WSS on one event loop.
/// Events are always told from the loop, never from within send(), send_to() or close().
class TransportLayer final : public Sender {
 public:
  /// Binds every listener. Errors: one text for each problem (address in use, unreadable certificate), all of them.
  [[nodiscard]] static common::Result<std::unique_ptr<TransportLayer>, std::vector<std::string>> open(
      common::event::Loop& loop, Settings settings, Events events);
  ~TransportLayer() override;
  TransportLayer(const TransportLayer&) = delete;
  TransportLayer& operator=(const TransportLayer&) = delete;

  void send(const Flow& flow, std::string bytes, std::uint64_t key) override;
  /// Over the connection to the same remote, kind and tls_name if there is one, else over a new one. WS and WSS are
  /// never opened by us (RFC 7118 has no such direction): Unreachable.
  void send_to(const Destination& destination, std::string bytes, std::uint64_t key) override;
  bool is_open(const Flow& flow) const override;
  bool peer_is(ConnectionId connection, std::string_view domain) const override;
  void close(ConnectionId connection) override;

  /// Reads certificates and keys for new connections, from the files that `next` names for the listener of the same
  /// kind and address (none there: from those of now) and for our own connections; nothing else of `next` counts. What
  /// is open stays as it is. All or nothing; gives the problems.
  std::vector<std::string> reload_certificates(const Settings& next);

  /// Takes no new connections from now on; what is open goes on.
  void stop_accepting();
  /// Tells on_closed(Shutdown) for every connection and closes it.
  void shutdown();

  /// Where the listener is bound, with the port the system chose.
  common::SocketAddress local(ListenerId listener) const;
  /// What stands in Via and Record-Route.
  common::SocketAddress advertised(ListenerId listener) const;
  Kind kind(ListenerId listener) const;
  std::size_t listener_count() const noexcept;

  const Stats& stats() const noexcept;

 private:
  class Impl;
  explicit TransportLayer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace proxy::transport
