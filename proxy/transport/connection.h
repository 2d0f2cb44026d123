#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/event/timer.h"
#include "common/event/watch.h"
#include "common/stream/channel.h"
#include "common/stream/write_queue.h"
#include "proxy/transport/connection_deadlines.h"
#include "proxy/transport/flow.h"
#include "proxy/transport/http_session.h"
#include "proxy/transport/message_stream.h"
#include "proxy/transport/settings.h"
#include "proxy/transport/stats.h"

namespace proxy::transport {

class Connection;

/// What every connection of a layer shares. Outlives them all.
struct ConnectionEnvironment {
  common::event::Loop& loop;
  const Limits& limits;
  Stats& stats;
  common::Bytes& read_buffer;  // at least one TLS record
  std::function<void(Connection&)> on_open;
  std::function<void(Connection&, std::string_view)> on_message;
  /// Told once, on the stack of whatever found out: destroy the connection later.
  std::function<void(Connection&)> on_ended;
};

/// One stream connection from accept or connect to its end. It moves bytes between its channel and the machines that
/// know what they mean (HttpSession until the upgrade, MessageStream from then on), and obeys its deadlines.
class Connection {
 public:
  /// A connection that a listener accepted. `tls` and `web` are null where the kind has none; `web` is borrowed.
  static std::unique_ptr<Connection> accepted(ConnectionEnvironment& environment, const Flow& flow, common::Fd fd,
                                              const common::tls::Context* tls, WebFront* web);
  /// A connection that is being opened by us; `tls` is null without TLS.
  static std::unique_ptr<Connection> connecting(ConnectionEnvironment& environment, const Flow& flow, common::Fd fd,
                                                const common::tls::Context* tls, std::string tls_name);
  /// Begins to serve; call once, when the environment's callbacks can find the connection.
  void start();
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Queues one SIP message and writes what the socket takes; false: not queued, the connection is ending.
  [[nodiscard]] bool send(std::string bytes, std::uint64_t key);
  /// Ends after what is queued has been written.
  void close(CloseReason reason);
  /// Ends now.
  void end(CloseReason reason, SendError error = SendError::ConnectionGone);

  const Flow& flow() const noexcept { return flow_; }
  /// For which the peer's certificate is valid; empty: nobody asked for one.
  const std::string& tls_name() const noexcept { return channel_.peer_name(); }
  bool peer_is(std::string_view domain) const { return channel_.peer_is(domain); }
  /// Opened by us.
  bool is_outgoing() const noexcept { return outgoing_; }
  /// It came to carry messages, so its end is told.
  bool was_opened() const noexcept { return was_opened_; }
  bool takes_messages() const noexcept { return phase_ < Phase::Closing; }
  CloseReason close_reason() const noexcept { return reason_; }
  SendError send_error() const noexcept { return error_; }
  /// Keys of messages that were never written; for the one who buries it.
  std::vector<std::uint64_t> abandon() { return queue_.abandon(); }

 private:
  enum class Phase : std::uint8_t { Connecting, TlsHandshake, Http, Open, Closing, Lingering, Ended };
  using Step = common::stream::Channel::Step;

  Connection(ConnectionEnvironment& environment, const Flow& flow, common::Fd fd, common::Duration set_up);
  void on_ready(common::event::Ready ready);
  void on_connected();
  void shake_hands();
  void after_handshake();
  void refuse_certificate();
  void open();

  void read_some();
  void on_bytes(std::string_view bytes);
  void answer_requests();
  void begin_websocket(HttpSession::Upgraded& upgrade);
  MessageStream::Reader reader();
  void on_message_bytes(std::string_view bytes);

  void queue_output(std::string bytes, std::uint64_t key);
  bool refill();
  void write_some();
  void after_writing();

  void on_deadline(common::Instant now);
  void update();
  /// Nothing is read meanwhile: one request at a time.
  bool is_serving() const noexcept { return phase_ == Phase::Http && http_->is_serving(); }

  ConnectionEnvironment& env_;
  Flow flow_;
  common::stream::Channel channel_;
  Phase phase_ = Phase::Connecting;
  bool outgoing_ = false;
  bool was_opened_ = false;
  CloseReason reason_ = CloseReason::PeerClosed;
  SendError error_ = SendError::ConnectionGone;

  WebFront* web_ = nullptr;
  std::optional<HttpSession> http_;          // WS and WSS until the upgrade
  std::unique_ptr<MessageStream> messages_;  // from then on; with TCP and TLS from the handshake on
  common::stream::WriteQueue queue_;

  ConnectionDeadlines deadlines_;
  std::optional<common::Instant> armed_;  // what the timer is set to
  std::unique_ptr<common::event::Watch> watch_;
  std::unique_ptr<common::event::Timer> timer_;
};

}  // namespace proxy::transport
