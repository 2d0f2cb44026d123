#include "proxy/transport/transport_layer.h"

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>

#include "common/base/invariant.h"
#include "proxy/transport/connection.h"
#include "proxy/transport/connection_table.h"
#include "proxy/transport/listener.h"
#include "proxy/transport/proxy_preface.h"
#include "proxy/transport/recent_sends.h"
#include "proxy/transport/sockets.h"

namespace proxy::transport {
namespace {

using common::SocketAddress;
using common::tls::Context;

constexpr std::size_t kReadBuffer = 16 * 1024 + 512;  // one TLS record

std::size_t index(auto value) noexcept { return static_cast<std::size_t>(value); }

}  // namespace

class TransportLayer::Impl {
 public:
  Impl(common::event::Loop& loop, Settings settings, Events events)
      : loop_(loop),
        settings_(std::move(settings)),
        events_(std::move(events)),
        read_buffer_(kReadBuffer),
        environment_{
            loop_,
            settings_.limits,
            stats_,
            read_buffer_,
            [this](Connection& connection) { on_open(connection); },
            [this](Connection& connection, std::string_view bytes) {
              events_.on_message(connection.flow(), bytes, loop_.now());
            },
            [this](Connection& connection) { defer([this, id = connection.flow().connection] { bury(id); }); }} {}

  /// Problems; empty: everything is bound.
  std::vector<std::string> open() {
    std::vector<std::string> problems;
    listeners_.reserve(settings_.listeners.size());
    for (const ListenerSettings& one : settings_.listeners) open_listener(one, problems);
    if (auto context = Context::client(settings_.client_tls))
      client_tls_.emplace(std::move(*context));
    else
      problems.push_back(context.error());
    return problems;
  }

  void send(const Flow& flow, std::string bytes, std::uint64_t key) {
    if (flow.kind == Kind::Udp) return send_datagram(flow.listener, flow.local.ip, flow.remote, bytes, key);
    Connection* connection = connections_.find(flow.connection);
    if (connection == nullptr || !connection->send(std::move(bytes), key)) report(key, SendError::ConnectionGone);
  }

  void send_to(const Destination& destination, std::string bytes, std::uint64_t key) {
    if (destination.kind == Kind::Udp)
      return send_datagram(udp_listener_for(destination), {}, destination.remote, bytes, key);
    Connection* connection = connections_.find(destination);
    if (connection == nullptr) connection = connect(destination);
    if (connection == nullptr || !connection->send(std::move(bytes), key)) report(key, SendError::Unreachable);
  }

  bool peer_is(ConnectionId id, std::string_view domain) const {
    const Connection* connection = connections_.find(id);
    return connection != nullptr && connection->peer_is(domain);
  }

  bool is_open(ConnectionId id) const {
    const Connection* connection = connections_.find(id);
    return connection != nullptr && connection->takes_messages();
  }

  void close(ConnectionId id) {
    if (Connection* connection = connections_.find(id)) connection->close(CloseReason::Shutdown);
  }

  std::vector<std::string> reload_certificates(const Settings& next) {
    std::vector<std::string> problems;
    std::vector<std::optional<Context>> contexts;
    contexts.reserve(listeners_.size());
    for (const Listener& listener : listeners_) {
      const auto named = std::ranges::find_if(next.listeners, [&](const ListenerSettings& one) {
        return one.kind == listener.settings.kind && one.bind == listener.settings.bind;
      });
      contexts.push_back(load_certificate(named == next.listeners.end() ? listener.settings : *named, problems));
    }
    auto client = Context::client(next.client_tls);
    if (!client) problems.push_back(client.error());
    if (!problems.empty()) return problems;
    for (std::size_t i = 0; i < listeners_.size(); ++i) listeners_[i].tls = std::move(contexts[i]);
    client_tls_ = std::move(*client);
    return problems;
  }

  void stop_accepting() {
    for (Listener& listener : listeners_) listener.acceptor.reset();
    prefaces_.clear();
  }

  void shutdown() {
    stop_accepting();
    for (Connection* connection : connections_.all()) {
      connection->close(CloseReason::Shutdown);
      connection->end(CloseReason::Shutdown);
    }
  }

  const Listener& listener(ListenerId id) const {
    INVARIANT(id.value < listeners_.size(), "a listener id comes from the configuration");
    return listeners_[id.value];
  }
  std::size_t listener_count() const noexcept { return listeners_.size(); }
  const Stats& stats() const noexcept { return stats_; }

 private:
  /// Runs `task` from the loop, unless this object is gone by then.
  void defer(std::function<void()> task) {
    loop_.defer([alive = std::weak_ptr<int>{alive_}, task = std::move(task)] {
      if (!alive.expired()) task();
    });
  }

  void report(std::uint64_t key, SendError error) {
    ++stats_.send_failed[index(error)];
    if (key == 0) return;
    defer([this, key, error] { events_.on_send_failed(key, error, loop_.now()); });
  }

  void open_listener(const ListenerSettings& settings, std::vector<std::string>& problems) {
    const ListenerId id{static_cast<std::uint16_t>(listeners_.size())};
    Listener& listener = listeners_.emplace_back();
    listener.settings = settings;
    listener.tls = load_certificate(settings, problems);
    listener.web = web_front(settings);
    auto fd = bind_listener(settings);
    if (!fd) return problems.push_back(std::move(fd.error()));
    listener.local = local_address(fd->get());
    if (settings.kind == Kind::Udp)
      listener.udp = std::make_unique<UdpPort>(loop_, std::move(*fd), id, udp_batch_, stats_, udp_events());
    else
      listener.acceptor = std::make_unique<Acceptor>(
          loop_, std::move(*fd), stats_,
          [this, id](common::Fd accepted, const SocketAddress& remote) { accept(id, std::move(accepted), remote); });
  }

  UdpPort::Events udp_events() {
    return {[this](const Flow& flow, std::string_view bytes) { events_.on_message(flow, bytes, loop_.now()); },
            [this](const SocketAddress& remote) {
              for (const std::uint64_t key : recent_sends_.take(remote, loop_.now()))
                report(key, SendError::Unreachable);
            }};
  }

  void send_datagram(ListenerId id, const common::IpAddress& source, const SocketAddress& remote,
                     std::string_view bytes, std::uint64_t key) {
    UdpPort* port = id.value < listeners_.size() ? listeners_[id.value].udp.get() : nullptr;
    if (port == nullptr) return report(key, SendError::Unreachable);
    if (const auto error = port->send(source, remote, bytes)) return report(key, *error);
    recent_sends_.note(remote, key, loop_.now());
  }

  /// The listener asked for, else the first one that speaks the remote's address family.
  ListenerId udp_listener_for(const Destination& destination) const {
    const auto suits = [&](const Listener& one) {
      return one.udp != nullptr && one.local.ip.family() == destination.remote.ip.family();
    };
    const std::size_t asked = destination.listener.value;
    if (asked < listeners_.size() && suits(listeners_[asked])) return destination.listener;
    const auto found = std::ranges::find_if(listeners_, suits);
    return ListenerId{static_cast<std::uint16_t>(found - listeners_.begin())};
  }

  void accept(ListenerId id, common::Fd fd, const SocketAddress& remote) {
    const auto& balancers = listeners_[id.value].settings.balancers;
    if (balancers.empty()) return serve(id, std::move(fd), remote);
    const bool is_listed =
        std::ranges::any_of(balancers, [&](const common::Cidr& block) { return block.contains(remote.ip); });
    if (!is_listed || prefaces_.size() >= settings_.limits.max_connections) {
      ++stats_.refused[index(is_listed ? Refusal::TooManyConnections : Refusal::ProxyHeader)];
      return;
    }
    await_header(id, std::move(fd), remote);
  }

  void await_header(ListenerId id, common::Fd fd, const SocketAddress& balancer) {
    const std::uint64_t number = ++last_preface_;
    const auto forget = [this, number] { defer([this, number] { prefaces_.erase(number); }); };
    ProxyPreface::Events events{[this, id, balancer, forget](common::Fd accepted, const ProxyHeader& header) {
                                  forget();
                                  serve(id, std::move(accepted), header.source.value_or(balancer));
                                },
                                [this, forget](ProxyPreface::Failure) {
                                  forget();
                                  ++stats_.refused[index(Refusal::ProxyHeader)];
                                }};
    prefaces_[number] =
        std::make_unique<ProxyPreface>(loop_, std::move(fd), settings_.limits.handshake, std::move(events));
  }

  void serve(ListenerId id, common::Fd fd, const SocketAddress& remote) {
    if (const auto refusal = connections_.refusal_of(remote)) {
      ++stats_.refused[index(*refusal)];
      return;
    }
    Listener& listener = listeners_[id.value];
    ++stats_.accepted[index(listener.settings.kind)];
    const Flow flow{.kind = listener.settings.kind,
                    .listener = id,
                    .connection = connections_.next_id(),
                    .local = local_address(fd.get()),
                    .remote = remote};
    adopt(Connection::accepted(environment_, flow, std::move(fd), listener.tls ? &*listener.tls : nullptr,
                               listener.web.get()));
  }

  Connection& adopt(std::unique_ptr<Connection> owned) {
    Connection& connection = connections_.add(std::move(owned));
    ++stats_.open[index(connection.flow().kind)];
    connection.start();
    return connection;
  }

  Connection* connect(const Destination& destination) {
    if (is_websocket(destination.kind) || connections_.is_full()) return nullptr;
    const std::size_t asked = destination.listener.value;
    const common::IpAddress source = asked < listeners_.size() ? listeners_[asked].local.ip : common::IpAddress{};
    auto fd = connect_tcp(destination.remote, source);
    if (!fd) return nullptr;
    const Flow flow{.kind = destination.kind,
                    .listener = destination.listener,
                    .connection = connections_.next_id(),
                    .local = local_address(fd->get()),
                    .remote = destination.remote};
    const bool secure = is_secure(destination.kind);
    return &adopt(Connection::connecting(environment_, flow, std::move(*fd), secure ? &*client_tls_ : nullptr,
                                         certificate_name(destination)));
  }

  void on_open(Connection& connection) {
    if (connection.is_outgoing())
      ++stats_.connected[index(connection.flow().kind)];
    else
      connections_.offer_way_back(connection);
  }

  /// Tells the end of a connection and destroys it.
  void bury(ConnectionId id) {
    const std::unique_ptr<Connection> connection = connections_.remove(id);
    if (connection == nullptr) return;
    const Flow flow = connection->flow();
    --stats_.open[index(flow.kind)];
    const auto now = loop_.now();
    for (const std::uint64_t key : connection->abandon()) {
      ++stats_.send_failed[index(connection->send_error())];
      events_.on_send_failed(key, connection->send_error(), now);
    }
    if (!connection->was_opened()) return;
    ++stats_.closed[index(connection->close_reason())];
    events_.on_closed(flow, connection->close_reason(), now);
  }

  common::event::Loop& loop_;
  Settings settings_;
  Events events_;
  Stats stats_;
  common::Bytes read_buffer_;
  ConnectionEnvironment environment_;
  UdpBatch udp_batch_;
  RecentSends recent_sends_;
  std::optional<Context> client_tls_;
  std::vector<Listener> listeners_;
  std::uint64_t last_preface_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<ProxyPreface>> prefaces_;  // connections without a source yet
  ConnectionTable connections_{settings_.limits};
  std::shared_ptr<int> alive_ = std::make_shared<int>();  // its end tells deferred tasks that nobody is here
};

TransportLayer::TransportLayer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TransportLayer::~TransportLayer() = default;

common::Result<std::unique_ptr<TransportLayer>, std::vector<std::string>> TransportLayer::open(
    common::event::Loop& loop, Settings settings, Events events) {
  auto impl = std::make_unique<Impl>(loop, std::move(settings), std::move(events));
  if (auto problems = impl->open(); !problems.empty()) return common::Err{std::move(problems)};
  return std::unique_ptr<TransportLayer>{new TransportLayer{std::move(impl)}};
}

void TransportLayer::send(const Flow& flow, std::string bytes, std::uint64_t key) {
  impl_->send(flow, std::move(bytes), key);
}
void TransportLayer::send_to(const Destination& destination, std::string bytes, std::uint64_t key) {
  impl_->send_to(destination, std::move(bytes), key);
}
bool TransportLayer::is_open(const Flow& flow) const { return impl_->is_open(flow.connection); }
bool TransportLayer::peer_is(ConnectionId connection, std::string_view domain) const {
  return impl_->peer_is(connection, domain);
}
void TransportLayer::close(ConnectionId connection) { impl_->close(connection); }

std::vector<std::string> TransportLayer::reload_certificates(const Settings& next) {
  return impl_->reload_certificates(next);
}
void TransportLayer::stop_accepting() { impl_->stop_accepting(); }
void TransportLayer::shutdown() { impl_->shutdown(); }

SocketAddress TransportLayer::local(ListenerId listener) const { return impl_->listener(listener).local; }
SocketAddress TransportLayer::advertised(ListenerId listener) const { return impl_->listener(listener).advertised(); }
Kind TransportLayer::kind(ListenerId listener) const { return impl_->listener(listener).settings.kind; }
std::size_t TransportLayer::listener_count() const noexcept { return impl_->listener_count(); }
const Stats& TransportLayer::stats() const noexcept { return impl_->stats(); }

}  // namespace proxy::transport
