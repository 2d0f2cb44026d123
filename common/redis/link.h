#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/crypto/random.h"
#include "common/event/timer.h"
#include "common/redis/connection.h"

namespace common::redis {

/// How servers are spoken to.
struct Access {
  std::optional<stream::Stream::Tls> tls = {};
  Identity identity = {};
};

/// Keeps one connection up: finds the server, connects, and begins anew when it ends, after a pause that doubles from
/// 100 ms to 5 s with jitter, so that a server that comes back is not stormed. While it is down every call fails at
/// once.
class Link {
 public:
  /// Names the server to connect to; nullopt: none now. Asked before each attempt.
  using Found = std::function<void(std::optional<SocketAddress>)>;
  using Find = std::function<void(Found)>;
  struct Events {
    std::function<void()> on_up;
    std::function<void(const Reply&)> on_message;
    std::function<void(const std::string& why)> on_down;  // also of an attempt that failed
  };

  Link(event::Loop& loop, crypto::Random& random, Access access, Find find, Events events);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void call(const Command& command, Duration deadline, Done done);
  void subscribe(const std::vector<std::string>& channels) { connection_->subscribe(channels); }
  bool is_up() const noexcept { return connection_ && connection_->is_ready(); }
  /// The server of now, or of the last attempt.
  const SocketAddress& server() const noexcept { return server_; }
  /// Ends the connection and looks for the server anew.
  void renew(const std::string& why);

 private:
  void attempt();
  void connect(const SocketAddress& server);
  void down(const std::string& why);

  event::Loop& loop_;
  crypto::Random& random_;
  Access access_;
  Find find_;
  Events events_;
  SocketAddress server_;
  Duration pause_;
  event::Timer timer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // shared with completions of a search
  std::unique_ptr<Connection> connection_;
};

}  // namespace common::redis
