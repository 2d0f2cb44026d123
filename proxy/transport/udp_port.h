#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "common/event/watch.h"
#include "common/net/fd.h"
#include "proxy/transport/flow.h"
#include "proxy/transport/stats.h"

namespace proxy::transport {

/// Room for one batch of datagrams; one for a thread, used by one port at a time.
class UdpBatch {
 public:
  static constexpr unsigned kDatagrams = 16;
  static constexpr std::size_t kDatagramSize = 65'535;
  UdpBatch();
  ~UdpBatch();

 private:
  friend class UdpPort;
  struct State;
  std::unique_ptr<State> state_;
};

/// One bound UDP socket: datagrams in batches, the local address of each, and ICMP errors by destination.
class UdpPort {
 public:
  struct Events {
    std::function<void(const Flow&, std::string_view bytes)> on_datagram;
    /// ICMP said that `remote` cannot be reached: what was lately sent there is lost.
    std::function<void(const common::SocketAddress& remote)> on_unreachable;
  };

  UdpPort(common::event::Loop& loop, common::Fd fd, ListenerId listener, UdpBatch& batch, Stats& stats, Events events);

  /// From `source` (unspecified: the system chooses) to `remote`. nullopt: sent, or lost as datagrams may be.
  std::optional<SendError> send(const common::IpAddress& source, const common::SocketAddress& remote,
                                std::string_view bytes);

  const common::SocketAddress& local() const noexcept { return local_; }

 private:
  void receive();
  void read_errors();
  void read_batch(unsigned count);
  int send_once(const common::IpAddress& source, const common::SocketAddress& remote, std::string_view bytes);

  common::Fd fd_;
  common::SocketAddress local_;
  ListenerId listener_;
  UdpBatch& batch_;
  Stats& stats_;
  Events events_;
  common::event::Watch watch_;
};

}  // namespace proxy::transport
