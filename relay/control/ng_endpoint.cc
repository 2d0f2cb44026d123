#include "relay/control/ng_endpoint.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "common/base/overload.h"
#include "common/event/sockets.h"
#include "common/log/log.h"

namespace relay::control {
namespace {

constexpr std::size_t kMaxMessage = 65536;
constexpr int kDatagramsPerCycle = 64;
constexpr int kConnectionsPerCycle = 64;
constexpr common::Duration kRest = std::chrono::milliseconds{200};  // of the listener, without a free descriptor
constexpr std::size_t kMaxUnsent = std::size_t{4} << 20;            // a stream whose peer does not read is closed

bool is_exhausted(int error) noexcept {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

/// One stream of requests.
class NgEndpoint::Connection {
 public:
  Connection(NgEndpoint& endpoint, std::uint64_t id, common::SocketAddress remote, common::Fd fd)
      : endpoint_(endpoint),
        id_(id),
        remote_(remote),
        fd_(std::move(fd)),
        watch_(endpoint.loop_, fd_.get(), [this](common::event::Ready ready) { on_ready(ready); }),
        idle_(endpoint.loop_, [this](common::Instant) { endpoint_.close(id_); }) {
    watch_.want(true, false);
    touch();
  }

  ng::Peer peer() const noexcept { return {remote_, id_}; }

  /// False: the peer does not read its replies.
  bool send(std::string_view message) {
    if (unsent_.size() + message.size() > kMaxUnsent) return false;
    unsent_ += message;
    return flush();
  }

 private:
  void touch() { idle_.schedule(endpoint_.loop_.now() + endpoint_.settings_.idle_timeout); }

  void on_ready(common::event::Ready ready) {
    const bool open = (!ready.write || flush()) && (!ready.read || read());
    if (!open) endpoint_.close(id_);
  }

  bool flush() {
    while (!unsent_.empty()) {
      const ssize_t sent = ::send(fd_.get(), unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno != EAGAIN) return false;
      if (sent < 0) break;
      unsent_.erase(0, static_cast<std::size_t>(sent));
    }
    watch_.want(true, !unsent_.empty());
    return true;
  }

  bool read() {
    std::array<char, 16384> bytes;
    const ssize_t size = ::recv(fd_.get(), bytes.data(), bytes.size(), 0);
    if (size < 0) return errno == EAGAIN || errno == EINTR;
    if (size == 0) return false;
    touch();
    framer_.push({bytes.data(), static_cast<std::size_t>(size)});
    for (;;) {
      const auto message = framer_.next();
      if (!message) return false;
      if (!*message) return true;
      endpoint_.on_stream_message(*this, **message);
    }
  }

  NgEndpoint& endpoint_;
  std::uint64_t id_;
  common::SocketAddress remote_;
  common::Fd fd_;
  std::string unsent_;
  ng::StreamFramer framer_;
  common::event::Watch watch_;
  common::event::Timer idle_;
};

common::Result<std::unique_ptr<NgEndpoint>, std::string> NgEndpoint::listen(common::event::Loop& loop,
                                                                            Settings settings, OnRequest on_request) {
  auto tcp = common::event::bind_socket(SOCK_STREAM, settings.bind);
  if (!tcp) return common::Err{tcp.error()};
  const common::SocketAddress local = common::event::local_address(tcp->get());
  auto udp = common::event::bind_socket(SOCK_DGRAM, local);
  if (!udp) return common::Err{udp.error()};
  return std::unique_ptr<NgEndpoint>(
      new NgEndpoint(loop, std::move(settings), std::move(on_request), std::move(*udp), std::move(*tcp), local));
}

NgEndpoint::NgEndpoint(common::event::Loop& loop, Settings settings, OnRequest on_request, common::Fd udp,
                       common::Fd tcp, common::SocketAddress local)
    : loop_(loop),
      settings_(std::move(settings)),
      on_request_(std::move(on_request)),
      udp_(std::move(udp)),
      tcp_(std::move(tcp)),
      local_(local),
      on_udp_(loop, udp_.get(), [this](common::event::Ready) { on_datagrams(); }),
      on_tcp_(loop, tcp_.get(), [this](common::event::Ready) { on_connections(); }),
      rest_(loop, [this](common::Instant) { on_tcp_.want(true, false); }),
      cache_timer_(loop, [this](common::Instant now) {
        server_.on_timeout(now);
        drain();
      }) {
  on_udp_.want(true, false);
  on_tcp_.want(true, false);
}

NgEndpoint::~NgEndpoint() = default;

bool NgEndpoint::is_peer(const common::SocketAddress& source) {
  const bool known =
      std::ranges::any_of(settings_.peers, [&](const common::Cidr& block) { return block.contains(source.ip); });
  if (!known) ++counters_.strangers;
  return known;
}

void NgEndpoint::on_datagrams() {
  std::array<char, kMaxMessage> bytes;
  for (int i = 0; i < kDatagramsPerCycle; ++i) {
    const auto datagram = common::event::receive_from(udp_.get(), bytes);
    if (!datagram) break;
    if (is_peer(datagram->source)) server_.on_message({datagram->source, 0}, datagram->bytes, loop_.now());
  }
  drain();
}

void NgEndpoint::on_connections() {
  for (int i = 0; i < kConnectionsPerCycle; ++i) {
    sockaddr_storage source{};
    socklen_t length = sizeof source;
    common::Fd fd(::accept4(tcp_.get(), reinterpret_cast<sockaddr*>(&source), &length, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!fd && is_exhausted(errno)) return rest();
    if (!fd && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (!fd) continue;  // other errors are of one connection, accept(2)
    const auto from = common::SocketAddress::from_sockaddr(reinterpret_cast<const sockaddr*>(&source));
    if (!is_peer(from) || connections_.size() >= settings_.max_connections) continue;
    const int one = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    const std::uint64_t id = ++last_connection_;
    connections_.emplace(id, std::make_unique<Connection>(*this, id, from, std::move(fd)));
  }
}

/// The connection that waits keeps the listener ready: looking again at once would take the whole thread.
void NgEndpoint::rest() {
  ++counters_.out_of_descriptors;
  on_tcp_.want(false, false);
  rest_.schedule(loop_.now() + kRest);
}

void NgEndpoint::on_stream_message(Connection& connection, std::string_view message) {
  server_.on_message(connection.peer(), message, loop_.now());
  loop_.defer([this] { drain(); });  // a reply may close the connection that is being read
}

void NgEndpoint::close(std::uint64_t connection) {
  server_.on_disconnected(connection);
  connections_.erase(connection);
}

void NgEndpoint::reply(ng::RequestId id, const ng::Reply& reply) {
  server_.reply(id, reply, loop_.now());
  drain();
}

/// A request that is answered at once comes back through reply() while its dispatch is still being handled: the outer
/// call goes on with the output.
void NgEndpoint::drain() {
  if (std::exchange(draining_, true)) return;
  while (const auto output = server_.poll_output()) {
    std::visit(common::Overload{
                   [&](const ng::SendReply& reply) { send(reply); },
                   [&](const ng::Dispatch& dispatch) { on_request_(dispatch.id, dispatch.request, loop_.now()); },
               },
               *output);
  }
  draining_ = false;
  if (const auto next = server_.next_timeout()) cache_timer_.schedule(*next);
}

void NgEndpoint::send(const ng::SendReply& reply) {
  if (reply.peer.connection != 0) {
    const auto found = connections_.find(reply.peer.connection);
    if (found != connections_.end() && !found->second->send(reply.message)) close(reply.peer.connection);
    return;
  }
  const bool sent = common::event::send_to(udp_.get(), reply.message, reply.peer.address);
  if (!sent) ++counters_.lost_replies;  // the peer repeats its request and gets the remembered reply
}

}  // namespace relay::control
