#include "proxy/relay_pool/teardown_listener.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/base/overload.h"
#include "common/event/sockets.h"

namespace proxy::relay_pool {
namespace {

constexpr std::size_t kMaxMessage = 65536;
constexpr int kDatagramsPerTurn = 64;

}  // namespace

common::Result<std::unique_ptr<TeardownListener>, std::string> TeardownListener::listen(
    common::event::Loop& loop, const common::SocketAddress& bind, std::vector<common::SocketAddress> relays,
    OnTeardown on_teardown) {
  auto fd = common::event::bind_socket(SOCK_DGRAM, bind);
  if (!fd) return common::Err{std::move(fd.error())};
  return std::unique_ptr<TeardownListener>(
      new TeardownListener(loop, std::move(*fd), std::move(relays), std::move(on_teardown)));
}

TeardownListener::TeardownListener(common::event::Loop& loop, common::Fd fd, std::vector<common::SocketAddress> relays,
                                   OnTeardown on_teardown)
    : loop_(loop),
      fd_(std::move(fd)),
      local_(common::event::local_address(fd_.get())),
      relays_(std::move(relays)),
      on_teardown_(std::move(on_teardown)),
      watch_(loop, fd_.get(), [this](common::event::Ready) { on_readable(); }),
      cache_timer_(loop, [this](common::Instant now) {
        server_.on_timeout(now);
        drain(now);
      }) {
  watch_.want(true, false);
}

bool TeardownListener::is_relay(const common::SocketAddress& source) const {
  return std::ranges::any_of(relays_, [&](const auto& relay) { return relay.ip == source.ip; });
}

void TeardownListener::on_readable() {
  const common::Instant now = loop_.now();
  std::array<char, kMaxMessage> bytes;
  for (int i = 0; i < kDatagramsPerTurn; ++i) {
    const auto datagram = common::event::receive_from(fd_.get(), bytes);
    if (!datagram) break;
    if (is_relay(datagram->source)) {
      server_.on_message({datagram->source, 0}, datagram->bytes, now);
    } else {
      ++counters_.strangers;
    }
  }
  drain(now);
}

void TeardownListener::drain(common::Instant now) {
  while (const auto output = server_.poll_output()) {
    std::visit(common::Overload{
                   [&](const ng::SendReply& reply) { send(reply); },
                   [&](const ng::Dispatch& dispatch) { server_.reply(dispatch.id, run(dispatch.request, now), now); },
               },
               *output);
  }
  if (const auto next = server_.next_timeout()) cache_timer_.schedule(*next);
}

void TeardownListener::send(const ng::SendReply& reply) {
  const bool sent = common::event::send_to(fd_.get(), reply.message, reply.peer.address);
  if (!sent) ++counters_.lost_replies;  // the relay repeats its request and gets the remembered reply
}

ng::Reply TeardownListener::run(const ng::Request& request, common::Instant now) {
  switch (request.command) {
    case ng::Command::Teardown: {
      const bool accepted = on_teardown_(request, now);
      ++(accepted ? counters_.accepted : counters_.refused);
      return accepted ? ng::Reply::ok() : ng::Reply::error("Unknown call or seal");
    }
    case ng::Command::Ping: {
      ng::Reply pong;
      pong.outcome = ng::Outcome::Pong;
      return pong;
    }
    case ng::Command::Offer:
    case ng::Command::Answer:
    case ng::Command::Delete:
    case ng::Command::Query:
    case ng::Command::List:
      return ng::Reply::error("Unrecognized command");
  }
  return ng::Reply::error("Unrecognized command");
}

}  // namespace proxy::relay_pool
