#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/event/timer.h"
#include "common/event/watch.h"
#include "proxy/transport/channel.h"
#include "proxy/transport/flow.h"
#include "proxy/transport/settings.h"
#include "proxy/transport/static_files.h"
#include "proxy/transport/stats.h"
#include "proxy/transport/stream_framer.h"
#include "proxy/transport/write_queue.h"
#include "proxy/transport/ws_codec.h"
#include "proxy/transport/ws_handshake.h"

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

/// The HTTP side of a WS or WSS listener.
struct WebFront {
  WsPolicy policy;
  StaticFiles files;
};

/// One stream connection from accept or connect to its end: TLS, upgrade, framing, write queue and every deadline.
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
  const std::string& tls_name() const noexcept { return tls_name_; }
  /// It came to carry messages, so its end is told.
  bool was_opened() const noexcept { return was_opened_; }
  bool takes_messages() const noexcept { return phase_ < Phase::Closing; }
  CloseReason close_reason() const noexcept { return reason_; }
  SendError send_error() const noexcept { return error_; }
  /// Keys of messages that were never written; for the one who buries it.
  std::vector<std::uint64_t> abandon() { return queue_.abandon(); }

 private:
  enum class Phase : std::uint8_t { Connecting, TlsHandshake, Http, Open, Closing, Lingering, Ended };
  using Step = Channel::Step;

  Connection(ConnectionEnvironment& environment, const Flow& flow, common::Fd fd);
  void on_ready(common::event::Ready ready);
  void on_connected();
  void shake_hands();
  void after_handshake();
  bool is_peer_the_named() const;
  void refuse_certificate(std::string_view reason);
  void open();

  void read_some();
  void on_bytes(std::string_view bytes);
  void on_stream_bytes(std::string_view bytes);
  void on_ws_bytes(std::string_view bytes);
  void on_ws_message(std::string_view message);
  void on_http_bytes(std::string_view bytes);
  void answer(const HttpHead& head);
  void upgrade(const HttpHead& head);
  void refuse_http(HttpError error);
  void deliver(std::string_view message);

  void queue_output(std::string bytes, std::uint64_t key);
  void write_some();
  bool pump_body();
  void after_writing();

  void on_deadline(common::Instant now);
  void check_open(common::Instant now);
  common::Instant next_deadline() const;
  void note_message_progress(bool in_message, bool completed_one);
  void update();

  ConnectionEnvironment& env_;
  Flow flow_;
  std::string tls_name_;
  Channel channel_;
  Phase phase_ = Phase::Connecting;
  bool outgoing_ = false;
  bool was_opened_ = false;
  bool read_wants_write_ = false;
  bool write_wants_read_ = false;
  CloseReason reason_ = CloseReason::PeerClosed;
  SendError error_ = SendError::ConnectionGone;

  WebFront* web_ = nullptr;
  std::string http_buffer_;
  std::shared_ptr<const std::string> body_;  // of a file, shared with the cache of StaticFiles
  std::size_t body_at_ = 0;
  bool http_keep_alive_ = true;
  bool served_files_ = false;
  std::optional<StreamFramer> framer_;  // TCP and TLS
  std::unique_ptr<WsCodec> ws_;         // WS and WSS once upgraded
  WriteQueue queue_;

  common::Instant phase_deadline_{};
  common::Instant last_received_{};
  common::Instant last_ping_{};
  bool awaits_pong_ = false;
  std::optional<common::Instant> message_since_;
  common::Instant write_progress_{};
  std::optional<common::Instant> armed_;
  std::unique_ptr<common::event::Watch> watch_;
  std::unique_ptr<common::event::Timer> timer_;
};

}  // namespace proxy::transport
