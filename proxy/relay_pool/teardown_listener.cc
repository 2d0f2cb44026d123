#include "proxy/relay_pool/teardown_listener.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace proxy::relay_pool {
namespace {

constexpr std::size_t kMaxMessage = 65536;
constexpr int kDatagramsPerCycle = 64;

}  // namespace

common::Result<std::unique_ptr<TeardownListener>, std::string> TeardownListener::listen(
    common::event::Loop& loop, const common::SocketAddress& bind, std::vector<common::SocketAddress> relays,
    OnTeardown on_teardown) {
  common::Fd socket(::socket(bind.ip.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_storage storage;
  const socklen_t length = bind.to_sockaddr(storage);
  if (!socket || ::bind(socket.get(), reinterpret_cast<const sockaddr*>(&storage), length) != 0) {
    return common::Err{bind.to_string() + ": " + std::strerror(errno) + "; choose a free address of this machine"};
  }
  return std::unique_ptr<TeardownListener>{
      new TeardownListener(loop, std::move(socket), std::move(relays), std::move(on_teardown))};
}

TeardownListener::TeardownListener(common::event::Loop& loop, common::Fd socket,
                                   std::vector<common::SocketAddress> relays, OnTeardown on_teardown)
    : loop_(loop),
      socket_(std::move(socket)),
      relays_(std::move(relays)),
      on_teardown_(std::move(on_teardown)),
      watch_(loop, socket_.get(), [this](common::event::Ready) { on_readable(); }),
      timer_(loop, [this](common::Instant now) {
        server_.on_timeout(now);
        drain();
      }) {
  watch_.want(true, false);
}

common::SocketAddress TeardownListener::local() const {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&storage), &length);
  return common::SocketAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&storage));
}

void TeardownListener::on_readable() {
  std::array<char, kMaxMessage> bytes;
  for (int i = 0; i < kDatagramsPerCycle; ++i) {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    const ssize_t size =
        ::recvfrom(socket_.get(), bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&storage), &length);
    if (size < 0) break;
    const auto source = common::SocketAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&storage));
    const bool known = std::ranges::any_of(relays_, [&](const auto& relay) { return relay.ip == source.ip; });
    if (!known) {
      ++strangers_;
      continue;
    }
    server_.on_message({source, 0}, {bytes.data(), static_cast<std::size_t>(size)}, loop_.now());
  }
  drain();
}

void TeardownListener::drain() {
  while (auto output = server_.poll_output()) {
    if (const auto* dispatch = std::get_if<ng::Dispatch>(&*output)) {
      server_.reply(dispatch->id, work_on(dispatch->request), loop_.now());
      continue;
    }
    const auto& reply = std::get<ng::SendReply>(*output);
    sockaddr_storage storage;
    const socklen_t length = reply.peer.address.to_sockaddr(storage);
    // A lost reply is asked for again.
    (void)::sendto(socket_.get(), reply.message.data(), reply.message.size(), 0,
                   reinterpret_cast<const sockaddr*>(&storage), length);
  }
  if (const auto next = server_.next_timeout()) timer_.schedule(*next);
}

ng::Reply TeardownListener::work_on(const ng::Request& request) {
  if (request.command == ng::Command::Ping) {
    ng::Reply reply;
    reply.outcome = ng::Outcome::Pong;
    return reply;
  }
  if (request.command != ng::Command::Teardown) return ng::Reply::error("Unrecognized command");
  return on_teardown_(request, loop_.now()) ? ng::Reply::ok() : ng::Reply::error("Unknown call");
}

}  // namespace proxy::relay_pool
