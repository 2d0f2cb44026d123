#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "common/net/address.h"
#include "tests/support/test_certificates.h"

namespace test {

/// A real redis-server on a free loopback port, without persistence; it ends with this object.
class RedisServer {
 public:
  /// `options` are further ones, each word by itself: {"--requirepass", "secret"}.
  explicit RedisServer(std::vector<std::string> options = {});
  /// At this very address.
  RedisServer(std::vector<std::string> options, const common::SocketAddress& address);
  /// A Sentinel that watches `master` under the name `group` and needs nobody's consent for a failover.
  static RedisServer sentinel(const std::string& group, const common::SocketAddress& master);
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  common::SocketAddress address() const noexcept { return address_; }
  /// Ends without a goodbye. restart() begins anew on the same port, empty.
  void kill();
  void restart();
  /// It stops answering, and goes on.
  void pause() const;
  void resume() const;

 private:
  enum class Kind { Redis, Sentinel };
  RedisServer(Kind kind, std::vector<std::string> options, const common::SocketAddress& address);
  std::vector<std::string> words() const;
  void start();

  Kind kind_;
  std::vector<std::string> options_;
  TempDir dir_;
  common::SocketAddress address_;
  pid_t pid_ = 0;
};

}  // namespace test
