#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/event/timer.h"
#include "common/event/watch.h"
#include "common/net/fd.h"
#include "common/stream/stream.h"
#include "common/tls/context.h"
#include "proxy/cluster/link_message.h"

namespace proxy::cluster {

/// Streams to and from the other nodes: each node dials every other one, speaks on the stream it dialled and hears on
/// the one it took. Both ends beat four times a second; one that is silent for a second is gone.
class Links {
 public:
  struct Settings {
    common::SocketAddress listen;
    std::vector<common::SocketAddress> peers;
    std::string name;  // in logs and lists
    transport::ProcessId self;
    common::tls::Context client;  // both of the shared secret
    common::tls::Context server;
  };
  struct Events {
    std::function<void(transport::ProcessId from, LinkMessage message)> on_message;  // never Hello or Beat
    std::function<void(transport::ProcessId)> on_up;
    std::function<void(transport::ProcessId)> on_down;
    std::function<std::vector<transport::ListenerId>()> held;  // for the beats
  };
  struct Status {
    common::SocketAddress address;
    std::string name;  // empty: never met
    transport::ProcessId process;
    bool up = false;
  };

  /// Error: why it cannot listen.
  [[nodiscard]] static common::Result<std::unique_ptr<Links>, std::string> open(common::event::Loop& loop,
                                                                                Settings settings, Events events);
  ~Links();
  Links(const Links&) = delete;
  Links& operator=(const Links&) = delete;

  /// False: this process is not there.
  bool send(transport::ProcessId to, const LinkMessage& message);
  bool is_up(transport::ProcessId process) const;
  /// A node that holds the address of this listener; nullopt: none that is there.
  std::optional<transport::ProcessId> holder_of(transport::ListenerId listener) const;
  /// Tells the others at once, not with the next beat.
  void beat();
  std::vector<Status> statuses() const;
  common::SocketAddress local() const;

 private:
  class Outgoing;
  class Incoming;
  Links(common::event::Loop& loop, Settings settings, Events events, common::Fd listening);
  void accept();
  void on_timer(common::Instant now);

  common::event::Loop& loop_;
  Settings settings_;
  Events events_;
  common::Fd listening_;
  common::event::Watch watch_;
  common::event::Timer timer_;
  std::vector<std::unique_ptr<Outgoing>> outgoing_;
  std::vector<std::unique_ptr<Incoming>> incoming_;
};

}  // namespace proxy::cluster
