#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/event/watch.h"
#include "common/net/address.h"
#include "common/net/fd.h"

namespace test {

/// A UDP socket of a test on a loopback address; what arrives is collected while the loop turns.
class UdpEnd {
 public:
  using OnDatagram = std::function<void(std::string_view bytes, const common::SocketAddress& source)>;

  UdpEnd(common::event::Loop& loop, const common::SocketAddress& bind, OnDatagram on_datagram = {});

  const common::SocketAddress& address() const noexcept { return address_; }
  void send(std::string_view bytes, const common::SocketAddress& to) const;
  /// What has arrived so far, oldest first; not filled where a callback takes the datagrams.
  const std::vector<std::string>& heard() const noexcept { return heard_; }

 private:
  void read();

  common::Fd fd_;
  common::SocketAddress address_;
  OnDatagram on_datagram_;
  std::vector<std::string> heard_;
  common::event::Watch watch_;
};

}  // namespace test
