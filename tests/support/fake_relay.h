#pragma once

#include <sys/socket.h>

#include <array>
#include <catch2/catch.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/base/overload.h"
#include "common/event/sockets.h"
#include "common/event/watch.h"
#include "control-protocol/server/server.h"

namespace tests {

inline const common::SocketAddress kAnyLoopback{common::IpAddress::v4({127, 0, 0, 1}), common::Port{0}};

/// A relay on loopback that knows the ng protocol and no media. Answers pings with its boot id, the rest with `answer`.
class FakeRelay {
 public:
  explicit FakeRelay(common::event::Loop& loop) : loop_(loop) { open(); }

  /// At the address it had before, if it was open already.
  void open() {
    auto fd = common::event::bind_socket(SOCK_DGRAM, address_);
    REQUIRE(fd.has_value());
    fd_ = std::move(*fd);
    address_ = common::event::local_address(fd_.get());
    watch_.emplace(loop_, fd_.get(), [this](common::event::Ready) { on_readable(); });
    watch_->want(true, false);
  }
  /// Whoever sends to it now is told by ICMP.
  void close() {
    watch_.reset();
    fd_.reset();
  }
  const common::SocketAddress& address() const noexcept { return address_; }

  std::string boot_id = "first";  // empty: it has none
  bool silent = false;            // hears everything, says nothing
  int lose_requests = 0;          // so many datagrams that are no ping get lost
  std::function<ng::Reply(const ng::Request&)> answer = [](const ng::Request&) { return ng::Reply::ok(); };

  int pings = 0;
  int datagrams = 0;  // without the pings
  std::vector<ng::Request> requests;

 private:
  void on_readable() {
    std::array<char, 65536> buffer;
    const auto datagram = common::event::receive_from(fd_.get(), buffer);
    if (!datagram) return;
    const bool is_ping = datagram->bytes.find("7:command4:ping") != std::string_view::npos;
    ++(is_ping ? pings : datagrams);
    if (!is_ping && lose_requests > 0) {
      --lose_requests;
      return;
    }
    if (silent) return;
    server_.on_message({datagram->source, 0}, datagram->bytes, loop_.now());
    while (const auto output = server_.poll_output()) {
      std::visit(
          common::Overload{
              [&](const ng::SendReply& reply) { common::event::send_to(fd_.get(), reply.message, reply.peer.address); },
              [&](const ng::Dispatch& it) { server_.reply(it.id, reply_to(it.request), loop_.now()); },
          },
          *output);
    }
  }

  ng::Reply reply_to(const ng::Request& request) {
    if (request.command != ng::Command::Ping) {
      requests.push_back(request);
      return answer(request);
    }
    ng::Reply pong;
    pong.outcome = ng::Outcome::Pong;
    if (!boot_id.empty()) pong.body["boot-id"] = boot_id;
    return pong;
  }

  common::event::Loop& loop_;
  common::SocketAddress address_ = kAnyLoopback;
  common::Fd fd_;
  std::optional<common::event::Watch> watch_;
  ng::Server server_;
};

}  // namespace tests
