#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/redis/find_server.h"
#include "common/redis/link.h"

namespace common::redis {

struct Settings {
  std::vector<Endpoint> servers;  // Redis, or its Sentinels where `sentinel_group` is not empty
  std::string sentinel_group = {};
  Access access = {};           // of Redis
  Access sentinel_access = {};  // of its Sentinels
};

/// One Redis master as a program uses it: a connection for commands and one for what others publish, both found again
/// when the master moves. Nothing waits while it is away: commands fail at once.
class Client {
 public:
  struct Events {
    std::function<void()> on_up;         // commands are taken
    std::function<void()> on_listening;  // subscribed; whatever was published before may be missed
    std::function<void(const std::string& channel, const std::string& text)> on_message;
    std::function<void(const std::string& why)> on_down;
  };

  /// `channels` are listened to all the time; empty: no second connection.
  Client(event::Loop& loop, crypto::Random& random, const Settings& settings, const Resolve& resolve,
         std::vector<std::string> channels, Events events);

  /// `done` runs once, perhaps before the call returns.
  void call(const Command& command, Duration deadline, Done done);

  bool is_up() const noexcept { return commands_.is_up(); }
  bool is_listening() const noexcept { return is_listening_; }
  const SocketAddress& server() const noexcept { return commands_.server(); }

 private:
  void on_push(const Reply& push);

  std::vector<std::string> channels_;
  Events events_;
  std::size_t confirmed_ = 0;  // channels
  bool is_listening_ = false;
  Link commands_;
  std::optional<Link> pushes_;
};

}  // namespace common::redis
