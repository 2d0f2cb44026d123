#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/event/loop.h"
#include "common/net/address.h"
#include "common/net/fd.h"

/// Blocking-looking clients for tests of servers that run on a loop of the same thread.
namespace test {

/// A connected TCP socket, driven by turning the loop between its steps.
class TcpClient {
 public:
  TcpClient(common::event::Loop& loop, const common::SocketAddress& server);

  void send(std::string_view bytes);
  /// Turns the loop until `done(received)`; false after two seconds.
  bool wait(const std::function<bool(const std::string&)>& done);
  bool wait_for(std::string_view piece);
  /// Turns the loop until the server has closed; false after two seconds.
  bool wait_closed();
  void close() { fd_.reset(); }

  /// Everything received so far and not yet taken.
  const std::string& received() const noexcept { return received_; }
  std::string take();
  int fd() const noexcept { return fd_.get(); }
  common::SocketAddress local() const;

 private:
  void read_some();

  common::event::Loop& loop_;
  common::Fd fd_;
  std::string received_;
  bool closed_ = false;
};

}  // namespace test
