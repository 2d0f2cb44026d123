#include "proxy/transport/connection.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/log/log.h"
#include "proxy/transport/sockets.h"

namespace proxy::transport {
namespace {

using common::Instant;
using namespace std::chrono_literals;

constexpr std::size_t kBodySlice = std::size_t{16} << 10;
constexpr int kReadsPerTurn = 8;  // then others have theirs
constexpr common::Duration kLinger = 2s;
constexpr std::uint16_t kGoingAway = 1001;  // RFC 6455 §7.4.1
constexpr std::string_view kPong = "\r\n";  // RFC 5626 §3.5.1

std::size_t index(auto value) noexcept { return static_cast<std::size_t>(value); }

}  // namespace

Connection::Connection(ConnectionEnvironment& environment, const Flow& flow, common::Fd fd)
    : env_(environment), flow_(flow), channel_(std::move(fd)) {
  const Instant now = env_.loop.now();
  last_received_ = last_ping_ = write_progress_ = now;
  tune_connection(channel_.fd(), env_.limits.write);
  watch_ = std::make_unique<common::event::Watch>(env_.loop, channel_.fd(),
                                                  [this](common::event::Ready ready) { on_ready(ready); });
  timer_ = std::make_unique<common::event::Timer>(env_.loop, [this](Instant due) { on_deadline(due); });
}

Connection::~Connection() = default;

std::unique_ptr<Connection> Connection::accepted(ConnectionEnvironment& environment, const Flow& flow, common::Fd fd,
                                                 const common::tls::Context* tls, WebFront* web) {
  std::unique_ptr<Connection> connection{new Connection{environment, flow, std::move(fd)}};
  connection->web_ = web;
  connection->phase_deadline_ = environment.loop.now() + environment.limits.handshake;
  if (tls != nullptr) connection->channel_.serve_tls(*tls);
  connection->phase_ = Phase::TlsHandshake;
  return connection;
}

std::unique_ptr<Connection> Connection::connecting(ConnectionEnvironment& environment, const Flow& flow, common::Fd fd,
                                                   const common::tls::Context* tls, std::string tls_name) {
  std::unique_ptr<Connection> connection{new Connection{environment, flow, std::move(fd)}};
  connection->outgoing_ = true;
  connection->error_ = SendError::Unreachable;
  connection->tls_name_ = std::move(tls_name);
  connection->phase_deadline_ = environment.loop.now() + environment.limits.connect;
  if (tls != nullptr) connection->channel_.connect_tls(*tls, connection->tls_name_);
  return connection;
}

void Connection::start() {
  if (phase_ == Phase::TlsHandshake) shake_hands();  // over at once without TLS
  update();
}

void Connection::on_ready(common::event::Ready ready) {
  if (phase_ == Phase::Connecting) on_connected();
  if (phase_ == Phase::TlsHandshake) shake_hands();
  if (phase_ == Phase::Ended) return;
  const bool may_read = ready.read || (read_wants_write_ && ready.write);
  if (phase_ >= Phase::Http && may_read) read_some();
  const bool may_write = ready.write || (write_wants_read_ && ready.read);
  if (phase_ >= Phase::Http && phase_ < Phase::Lingering && may_write) write_some();
  if (phase_ == Phase::Http && !body_ && !http_buffer_.empty()) on_http_bytes({});  // what came during a response
  update();
}

void Connection::on_connected() {
  if (take_socket_error(channel_.fd()) != 0) return end(CloseReason::PeerClosed, SendError::Unreachable);
  flow_.local = local_address(channel_.fd());
  phase_ = Phase::TlsHandshake;
}

void Connection::shake_hands() {
  read_wants_write_ = false;
  switch (channel_.handshake()) {
    case Step::Done:
      return after_handshake();
    case Step::WantRead:
      return;
    case Step::WantWrite:
      read_wants_write_ = true;
      return;
    case Step::Closed:
    case Step::Failed:
      break;
  }
  if (!outgoing_) ++env_.stats.refused[index(Refusal::TlsHandshake)];
  const bool refused = channel_.tls() != nullptr && channel_.tls()->certificate_refused();
  if (refused) return refuse_certificate(channel_.tls()->last_error());
  end(CloseReason::TlsError, SendError::Unreachable);
}

bool Connection::is_peer_the_named() const {
  return !outgoing_ || channel_.tls() == nullptr || channel_.tls()->peer_is(tls_name_);
}

void Connection::refuse_certificate(std::string_view reason) {
  common::log::warn("trunk.certificate_refused",
                    {{"remote", flow_.remote.to_string()}, {"tls_name", tls_name_}, {"reason", reason}});
  end(CloseReason::TlsError, SendError::TlsIdentity);
}

void Connection::after_handshake() {
  if (!is_peer_the_named()) return refuse_certificate("valid for other names only");
  if (is_websocket(flow_.kind)) {
    phase_ = Phase::Http;
    return;
  }
  framer_.emplace(StreamFramer::Limits{env_.limits.max_header, env_.limits.max_message});
  open();
}

void Connection::open() {
  phase_ = Phase::Open;
  was_opened_ = true;
  error_ = SendError::ConnectionGone;
  const Instant now = env_.loop.now();
  last_received_ = last_ping_ = write_progress_ = now;
  env_.on_open(*this);
  if (phase_ == Phase::Open) write_some();
}

void Connection::read_some() {
  read_wants_write_ = false;
  for (int i = 0; i < kReadsPerTurn && phase_ != Phase::Ended && !body_; ++i) {
    std::size_t count = 0;
    const Step step = channel_.read(env_.read_buffer, count);
    if (step == Step::WantRead) return;
    if (step == Step::WantWrite) {
      read_wants_write_ = true;
      return;
    }
    if (step == Step::Failed && phase_ < Phase::Closing) return end(CloseReason::TlsError);
    if (step != Step::Done) return end(phase_ < Phase::Closing ? CloseReason::PeerClosed : reason_);
    on_bytes(common::as_text({env_.read_buffer.data(), count}));
  }
}

void Connection::on_bytes(std::string_view bytes) {
  last_received_ = env_.loop.now();
  awaits_pong_ = false;
  env_.stats.received_bytes[index(flow_.kind)] += bytes.size();
  if (phase_ == Phase::Http) return on_http_bytes(bytes);
  if (phase_ != Phase::Open) return;  // we said goodbye already
  if (ws_) return on_ws_bytes(bytes);
  on_stream_bytes(bytes);
}

void Connection::deliver(std::string_view message) {
  ++env_.stats.received_messages[index(flow_.kind)];
  env_.on_message(*this, message);
}

void Connection::on_stream_bytes(std::string_view bytes) {
  framer_->push(bytes);
  std::string pongs;
  bool completed_one = false;
  while (phase_ == Phase::Open) {
    const auto output = framer_->poll();
    if (!output) return end(CloseReason::ProtocolError);
    if (!*output) break;
    if (const auto* message = std::get_if<StreamFramer::Message>(&**output)) {
      completed_one = true;
      deliver(message->bytes);
    } else {
      ++env_.stats.keepalives;
      pongs += kPong;
    }
  }
  if (phase_ != Phase::Open) return;
  note_message_progress(framer_->in_message(), completed_one);
  queue_output(std::move(pongs), 0);
}

void Connection::on_ws_bytes(std::string_view bytes) {
  const std::uint64_t before = env_.stats.received_messages[index(flow_.kind)];
  ws_->push(bytes);
  if (phase_ != Phase::Open) return;
  note_message_progress(ws_->in_message(), env_.stats.received_messages[index(flow_.kind)] != before);
  queue_output(ws_->take_output(), 0);
  if (phase_ == Phase::Open && ws_->finished())
    close(ws_->failed() ? CloseReason::ProtocolError : CloseReason::PeerClosed);
}

/// One WebSocket message is one SIP message, RFC 7118 §5; line ends alone are a client's keep-alive.
void Connection::on_ws_message(std::string_view message) {
  if (phase_ != Phase::Open) return;
  if (message.find_first_not_of("\r\n") != std::string_view::npos) return deliver(message);
  ++env_.stats.keepalives;
  if (message == "\r\n\r\n") ws_->send_text(kPong);
}

void Connection::on_http_bytes(std::string_view bytes) {
  http_buffer_ += bytes;
  while (phase_ == Phase::Http && !body_) {
    std::size_t size = 0;
    const auto head = parse_http_head(http_buffer_, size);
    if (!head) return refuse_http(head.error());
    if (!*head) return;
    http_buffer_.erase(0, size);
    answer(**head);
  }
  if (phase_ == Phase::Open && !http_buffer_.empty()) on_ws_bytes(std::exchange(http_buffer_, {}));
}

void Connection::answer(const HttpHead& head) {
  if (is_ws_request(head, web_->policy)) return upgrade(head);
  ++env_.stats.static_files;
  served_files_ = true;
  StaticFiles::Response response = web_->files.serve(head);
  http_keep_alive_ = response.keep_alive;
  body_ = std::move(response.body);
  body_at_ = 0;
  phase_deadline_ = env_.loop.now() + env_.limits.handshake;
  queue_output(std::move(response.head), 0);
  if (phase_ == Phase::Http && !body_ && !http_keep_alive_) close(CloseReason::PeerClosed);
}

void Connection::upgrade(const HttpHead& head) {
  const auto accepted = accept_ws(head, web_->policy);
  if (!accepted) {
    const bool origin = accepted.error().status == 403;
    ++env_.stats.refused[index(origin ? Refusal::Origin : Refusal::WebSocketHandshake)];
    queue_output(accepted.error().response, 0);
    return close(CloseReason::ProtocolError);
  }
  ws_ = std::make_unique<WsCodec>(env_.limits.max_message, [this](std::string_view text) { on_ws_message(text); });
  queue_output(*accepted, 0);
  if (phase_ == Phase::Http) open();
}

void Connection::refuse_http(HttpError error) {
  ++env_.stats.refused[index(Refusal::WebSocketHandshake)];
  const int status = error == HttpError::Malformed ? 400 : error == HttpError::TooLarge ? 431 : 413;
  queue_output(http_response(status, {}, {}, false), 0);
  close(CloseReason::ProtocolError);
}

bool Connection::send(std::string bytes, std::uint64_t key) {
  if (!takes_messages()) return false;
  ++env_.stats.sent_messages[index(flow_.kind)];
  if (ws_) {
    ws_->send_text(bytes);
    bytes = ws_->take_output();
  }
  queue_output(std::move(bytes), key);
  update();
  return true;
}

void Connection::queue_output(std::string bytes, std::uint64_t key) {
  if (bytes.empty() || phase_ >= Phase::Lingering) return;
  if (queue_.empty()) write_progress_ = env_.loop.now();
  queue_.push(std::move(bytes), key);
  if (queue_.size() > env_.limits.max_queued) return end(CloseReason::WriteTimeout, SendError::QueueFull);
  if (phase_ >= Phase::Http) write_some();
}

/// The next slice of a file, so that a slow reader holds little more than a slice.
bool Connection::pump_body() {
  if (!body_) return false;
  queue_.push(body_->substr(body_at_, kBodySlice), 0);
  body_at_ += kBodySlice;
  if (body_at_ >= body_->size()) body_.reset();
  return !queue_.empty();
}

void Connection::write_some() {
  write_wants_read_ = false;
  while (!queue_.empty() || pump_body()) {
    std::size_t count = 0;
    const Step step = channel_.write(queue_.front(), count);
    if (step == Step::Closed || step == Step::Failed)
      return end(step == Step::Closed ? CloseReason::PeerClosed : CloseReason::TlsError);
    write_wants_read_ = step == Step::WantRead;
    if (step != Step::Done) return;
    env_.stats.sent_bytes[index(flow_.kind)] += count;
    write_progress_ = env_.loop.now();
    queue_.written(count);
  }
  after_writing();
}

void Connection::after_writing() {
  if (phase_ == Phase::Http && !http_keep_alive_) phase_ = Phase::Closing;
  if (phase_ != Phase::Closing) return;
  channel_.finish_writing();
  phase_ = Phase::Lingering;  // closing at once could destroy what the peer has not read yet
  phase_deadline_ = env_.loop.now() + kLinger;
}

void Connection::close(CloseReason reason) {
  if (phase_ >= Phase::Closing) return;
  const bool never_up = phase_ < Phase::Http;
  if (never_up) return end(reason);
  reason_ = reason;
  if (phase_ == Phase::Open && ws_ && !ws_->finished()) {
    ws_->close(kGoingAway);
    queue_.push(ws_->take_output(), 0);
  }
  phase_ = Phase::Closing;
  write_some();
  update();
}

void Connection::end(CloseReason reason, SendError error) {
  if (phase_ == Phase::Ended) return;
  if (phase_ < Phase::Closing) reason_ = reason;
  if (was_opened_ || error != SendError::ConnectionGone) error_ = error;
  phase_ = Phase::Ended;
  body_.reset();
  watch_.reset();
  timer_.reset();
  env_.on_ended(*this);
}

void Connection::note_message_progress(bool in_message, bool completed_one) {
  if (!in_message)
    message_since_.reset();
  else if (!message_since_ || completed_one)
    message_since_ = env_.loop.now();
}

Instant Connection::next_deadline() const {
  Instant next = phase_deadline_;
  if (phase_ == Phase::Open) {
    if (!ws_)
      next = last_received_ + env_.limits.idle;
    else
      next = last_ping_ + (awaits_pong_ ? env_.limits.pong : env_.limits.ping_interval);
    if (message_since_) next = std::min(next, *message_since_ + env_.limits.message);
  }
  const bool writing = phase_ >= Phase::Http && (!queue_.empty() || body_);
  if (!writing) return next;
  const Instant stalled = write_progress_ + env_.limits.write;
  return phase_ == Phase::Open ? std::min(next, stalled) : stalled;
}

void Connection::on_deadline(Instant now) {
  armed_.reset();
  const bool is_due = now >= next_deadline();
  const bool writing = phase_ >= Phase::Http && (!queue_.empty() || body_);
  if (is_due && writing && now >= write_progress_ + env_.limits.write) return end(CloseReason::WriteTimeout);
  if (is_due && phase_ == Phase::Open) check_open(now);
  if (is_due && phase_ < Phase::Open) {
    if (!outgoing_ && !served_files_) ++env_.stats.refused[index(Refusal::HandshakeTimeout)];
    return end(CloseReason::Idle, SendError::Unreachable);
  }
  if (is_due && phase_ == Phase::Lingering) return end(reason_);
  if (phase_ != Phase::Ended) update();
}

void Connection::check_open(Instant now) {
  if (message_since_ && now >= *message_since_ + env_.limits.message) return end(CloseReason::ProtocolError);
  if (!ws_) {
    if (now >= last_received_ + env_.limits.idle) end(CloseReason::Idle);
    return;
  }
  if (awaits_pong_ && now >= last_ping_ + env_.limits.pong) return end(CloseReason::PingTimeout);
  if (awaits_pong_ || now < last_ping_ + env_.limits.ping_interval) return;
  last_ping_ = now;
  awaits_pong_ = true;
  ws_->send_ping();
  queue_output(ws_->take_output(), 0);
}

/// Brings the watch and the timer in line with the state. The timer is moved only to an earlier time: a later deadline
/// is found out when it fires.
void Connection::update() {
  if (phase_ == Phase::Ended) return;
  const bool connecting = phase_ == Phase::Connecting;
  const bool held_back = phase_ == Phase::Http && body_ != nullptr;  // one request at a time
  const bool output = phase_ >= Phase::Http && !queue_.empty() && !write_wants_read_;
  watch_->want(!connecting && !held_back, connecting || output || read_wants_write_);
  const Instant next = next_deadline();
  if (armed_ && *armed_ <= next) return;
  armed_ = next;
  timer_->schedule(next);
}

}  // namespace proxy::transport
