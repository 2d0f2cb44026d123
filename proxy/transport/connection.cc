#include "proxy/transport/connection.h"

#include <utility>

#include "common/base/overload.h"
#include "common/log/log.h"
#include "proxy/transport/sockets.h"

namespace proxy::transport {
namespace {

using common::Instant;

constexpr int kReadsPerTurn = 8;  // then others have theirs

std::size_t index(auto value) noexcept { return static_cast<std::size_t>(value); }

}  // namespace

Connection::Connection(ConnectionEnvironment& environment, const Flow& flow, common::Fd fd, common::Duration set_up)
    : env_(environment),
      flow_(flow),
      channel_(std::move(fd)),
      deadlines_(environment.limits, environment.loop.now(), set_up) {
  tune_connection(channel_.fd(), env_.limits.write);
  watch_ = std::make_unique<common::event::Watch>(env_.loop, channel_.fd(),
                                                  [this](common::event::Ready ready) { on_ready(ready); });
  timer_ = std::make_unique<common::event::Timer>(env_.loop, [this](Instant due) { on_deadline(due); });
}

Connection::~Connection() = default;

std::unique_ptr<Connection> Connection::accepted(ConnectionEnvironment& environment, const Flow& flow, common::Fd fd,
                                                 const common::tls::Context* tls, WebFront* web) {
  std::unique_ptr<Connection> connection{
      new Connection{environment, flow, std::move(fd), environment.limits.handshake}};
  connection->web_ = web;
  if (tls != nullptr) connection->channel_.serve_tls(*tls);
  connection->phase_ = Phase::TlsHandshake;
  return connection;
}

std::unique_ptr<Connection> Connection::connecting(ConnectionEnvironment& environment, const Flow& flow, common::Fd fd,
                                                   const common::tls::Context* tls, std::string tls_name) {
  std::unique_ptr<Connection> connection{new Connection{environment, flow, std::move(fd), environment.limits.connect}};
  connection->outgoing_ = true;
  connection->error_ = SendError::Unreachable;
  if (tls != nullptr) connection->channel_.connect_tls(*tls, std::move(tls_name));
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
  if (phase_ >= Phase::Http && channel_.may_read(ready)) read_some();
  if (phase_ >= Phase::Http && phase_ < Phase::Lingering && channel_.may_write(ready)) write_some();
  answer_requests();  // also those that came during a response
  update();
}

void Connection::on_connected() {
  if (take_socket_error(channel_.fd()) != 0) return end(CloseReason::PeerClosed, SendError::Unreachable);
  flow_.local = local_address(channel_.fd());
  phase_ = Phase::TlsHandshake;
}

void Connection::shake_hands() {
  const Step step = channel_.handshake();
  if (step == Step::Done) return after_handshake();
  if (step == Step::WantRead || step == Step::WantWrite) return;
  if (!outgoing_) ++env_.stats.refused[index(Refusal::TlsHandshake)];
  if (!channel_.certificate_problem().empty()) return refuse_certificate();
  end(CloseReason::TlsError, SendError::Unreachable);
}

void Connection::refuse_certificate() {
  common::log::warn("trunk.certificate_refused", {{"remote", flow_.remote.to_string()},
                                                  {"tls_name", channel_.peer_name()},
                                                  {"reason", channel_.certificate_problem()}});
  end(CloseReason::TlsError, SendError::TlsIdentity);
}

void Connection::after_handshake() {
  if (is_websocket(flow_.kind)) {
    http_.emplace(*web_);
    phase_ = Phase::Http;
    return;
  }
  messages_ = MessageStream::by_length({env_.limits.max_header, env_.limits.max_message}, reader());
  open();
}

void Connection::open() {
  phase_ = Phase::Open;
  was_opened_ = true;
  error_ = SendError::ConnectionGone;
  using Liveness = ConnectionDeadlines::Liveness;
  deadlines_.on_open(is_websocket(flow_.kind) ? Liveness::Pongs : Liveness::Bytes, env_.loop.now());
  env_.on_open(*this);
  if (phase_ == Phase::Open) write_some();
}

void Connection::read_some() {
  for (int i = 0; i < kReadsPerTurn && phase_ != Phase::Ended && !is_serving(); ++i) {
    std::size_t count = 0;
    const Step step = channel_.read(env_.read_buffer, count);
    if (step == Step::WantRead || step == Step::WantWrite) return;
    if (step == Step::Failed && phase_ < Phase::Closing) return end(CloseReason::TlsError);
    if (step != Step::Done) return end(phase_ < Phase::Closing ? CloseReason::PeerClosed : reason_);
    on_bytes(common::as_text({env_.read_buffer.data(), count}));
  }
}

void Connection::on_bytes(std::string_view bytes) {
  deadlines_.on_received(env_.loop.now());
  env_.stats.received_bytes[index(flow_.kind)] += bytes.size();
  if (phase_ == Phase::Open) return on_message_bytes(bytes);
  if (phase_ != Phase::Http) return;  // we said goodbye already
  http_->push(bytes);
  answer_requests();
}

MessageStream::Reader Connection::reader() {
  return {[this](std::string_view message) {
            ++env_.stats.received_messages[index(flow_.kind)];
            deadlines_.on_message();
            env_.on_message(*this, message);
            return phase_ == Phase::Open;
          },
          [this] { ++env_.stats.keepalives; }};
}

void Connection::on_message_bytes(std::string_view bytes) {
  using Verdict = MessageStream::Verdict;
  const Verdict verdict = messages_->push(bytes);
  if (phase_ != Phase::Open) return;
  if (verdict == Verdict::Lost) return end(CloseReason::ProtocolError);
  deadlines_.on_part(messages_->in_message(), env_.loop.now());
  queue_output(messages_->take_output(), 0);
  if (verdict == Verdict::Goodbye) close(CloseReason::PeerClosed);
  if (verdict == Verdict::Rejected) close(CloseReason::ProtocolError);
}

void Connection::answer_requests() {
  while (phase_ == Phase::Http) {
    auto output = http_->poll();
    if (!output) return;
    std::visit(common::Overload{[this](HttpSession::Served& page) {
                                  ++env_.stats.static_files;
                                  deadlines_.on_request(env_.loop.now());
                                  queue_output(std::move(page.bytes), 0);
                                },
                                [this](HttpSession::Upgraded& upgrade) { begin_websocket(upgrade); },
                                [this](HttpSession::Refused& refusal) {
                                  ++env_.stats.refused[index(refusal.why)];
                                  queue_output(std::move(refusal.bytes), 0);
                                }},
               *output);
  }
}

void Connection::begin_websocket(HttpSession::Upgraded& upgrade) {
  messages_ = MessageStream::in_websocket(env_.limits.max_message, reader());
  queue_output(std::move(upgrade.bytes), 0);
  if (phase_ != Phase::Http) return;
  http_.reset();
  open();
  if (phase_ == Phase::Open && !upgrade.rest.empty()) on_message_bytes(upgrade.rest);
}

bool Connection::send(std::string bytes, std::uint64_t key) {
  if (!takes_messages()) return false;
  ++env_.stats.sent_messages[index(flow_.kind)];
  if (messages_) bytes = messages_->wrap(std::move(bytes));
  queue_output(std::move(bytes), key);
  update();
  return true;
}

void Connection::queue_output(std::string bytes, std::uint64_t key) {
  if (bytes.empty() || phase_ >= Phase::Lingering) return;
  queue_.push(std::move(bytes), key);
  if (queue_.size() > env_.limits.max_queued) return end(CloseReason::WriteTimeout, SendError::QueueFull);
  if (phase_ >= Phase::Http) write_some();
}

/// Whether there is something to write.
bool Connection::refill() {
  if (queue_.empty() && http_) queue_.push(http_->next_slice(), 0);
  return !queue_.empty();
}

void Connection::write_some() {
  while (refill()) {
    std::size_t count = 0;
    const Step step = channel_.write(queue_.front(), count);
    if (step == Step::Closed || step == Step::Failed)
      return end(step == Step::Closed ? CloseReason::PeerClosed : CloseReason::TlsError);
    if (step != Step::Done) return;
    env_.stats.sent_bytes[index(flow_.kind)] += count;
    deadlines_.on_written(env_.loop.now());
    queue_.written(count);
  }
  after_writing();
}

void Connection::after_writing() {
  if (phase_ == Phase::Http && http_->finished()) phase_ = Phase::Closing;
  if (phase_ != Phase::Closing) return;
  channel_.finish_writing();
  phase_ = Phase::Lingering;  // closing at once could destroy what the peer has not read yet
  deadlines_.on_lingering(env_.loop.now());
}

void Connection::close(CloseReason reason) {
  if (phase_ >= Phase::Closing) return;
  const bool never_up = phase_ < Phase::Http;
  if (never_up) return end(reason);
  reason_ = reason;
  if (phase_ == Phase::Open) queue_.push(messages_->goodbye(), 0);
  phase_ = Phase::Closing;
  deadlines_.on_closing();
  write_some();
  update();
}

void Connection::end(CloseReason reason, SendError error) {
  if (phase_ == Phase::Ended) return;
  if (phase_ < Phase::Closing) reason_ = reason;
  if (was_opened_ || error != SendError::ConnectionGone) error_ = error;
  phase_ = Phase::Ended;
  http_.reset();
  watch_.reset();
  timer_.reset();
  env_.on_ended(*this);
}

void Connection::on_deadline(Instant now) {
  using Due = ConnectionDeadlines::Due;
  armed_.reset();
  switch (deadlines_.due(now)) {
    case Due::Nothing:
      break;
    case Due::SetUp:
      if (!outgoing_ && !(http_ && http_->has_served())) ++env_.stats.refused[index(Refusal::HandshakeTimeout)];
      return end(CloseReason::Idle, SendError::Unreachable);
    case Due::Idle:
      return end(CloseReason::Idle);
    case Due::Ping:
      deadlines_.on_ping(now);
      queue_output(messages_->ping(), 0);
      break;
    case Due::Pong:
      return end(CloseReason::PingTimeout);
    case Due::SlowMessage:
      return end(CloseReason::ProtocolError);
    case Due::StalledWrite:
      return end(CloseReason::WriteTimeout);
    case Due::Linger:
      return end(reason_);
  }
  update();
}

/// Brings the watch and the timer in line with the state. The timer is moved only to an earlier time: a later deadline
/// is found out when it fires.
void Connection::update() {
  if (phase_ == Phase::Ended) return;
  const bool connecting = phase_ == Phase::Connecting;
  const bool output = phase_ >= Phase::Http && !queue_.empty();
  const auto needs = channel_.needs(!connecting && !is_serving(), connecting || output);
  watch_->want(needs.read, needs.write);
  deadlines_.on_output(output, env_.loop.now());
  const auto next = deadlines_.next();
  if (!next || (armed_ && *armed_ <= *next)) return;
  armed_ = next;
  timer_->schedule(*next);
}

}  // namespace proxy::transport
