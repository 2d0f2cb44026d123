#include "common/stream/stream.h"

#include <array>
#include <system_error>
#include <utility>

#include "common/event/sockets.h"

namespace common::stream {
namespace {

constexpr int kReadsPerTurn = 8;  // then others have theirs
constexpr std::size_t kReadSize = 16 << 10;

std::string text_of(int error) { return std::error_code(error, std::generic_category()).message(); }

}  // namespace

Stream::Stream(event::Loop& loop, Fd fd, Events events, Limits limits)
    : loop_(loop),
      limits_(limits),
      channel_(std::move(fd)),
      owner_(std::make_shared<Owner>(Owner{std::move(events)})),
      deadline_(loop, [this](Instant) { end("no connection within its time"); }) {
  event::tune_connection(channel_.fd(), limits_.stalled);
  watch_ = std::make_unique<event::Watch>(loop_, channel_.fd(), [this](event::Ready ready) { on_ready(ready); });
  deadline_.schedule(loop_.now() + limits_.set_up);
}

Stream::~Stream() { owner_->is_there = false; }

std::unique_ptr<Stream> Stream::connect(event::Loop& loop, const SocketAddress& remote, std::optional<Tls> tls,
                                        Events events, Limits limits) {
  auto fd = event::connect_tcp(remote, {});
  const int refused = fd ? 0 : fd.error();
  std::unique_ptr<Stream> stream{new Stream(loop, fd ? std::move(*fd) : Fd{}, std::move(events), limits)};
  if (refused != 0) {
    loop.defer([raw = stream.get(), owner = stream->owner_, refused] {
      if (owner->is_there) raw->end(text_of(refused));
    });
    return stream;
  }
  if (tls) stream->channel_.connect_tls(tls->context, std::move(tls->name));
  stream->update();
  return stream;
}

std::unique_ptr<Stream> Stream::accepted(event::Loop& loop, Fd fd, const tls::Context* tls, Events events,
                                         Limits limits) {
  std::unique_ptr<Stream> stream{new Stream(loop, std::move(fd), std::move(events), limits)};
  if (tls != nullptr) stream->channel_.serve_tls(*tls);
  stream->update();  // writable at once, which begins the handshake
  return stream;
}

void Stream::on_ready(event::Ready ready) {
  const auto owner = owner_;
  if (phase_ == Phase::Connecting) {
    if (const int error = event::take_socket_error(channel_.fd()); error != 0) return end(text_of(error));
    phase_ = Phase::TlsHandshake;
  }
  if (phase_ == Phase::TlsHandshake) shake_hands();
  if (owner->is_there && phase_ == Phase::Open && channel_.may_read(ready)) read_some();
  if (owner->is_there && phase_ == Phase::Open && channel_.may_write(ready)) write_some();
  if (owner->is_there) update();
}

void Stream::shake_hands() {
  const Step step = channel_.handshake();
  if (step == Step::WantRead || step == Step::WantWrite) return;
  if (step != Step::Done) {
    const bool refused = !channel_.certificate_problem().empty();
    return end(refused ? "certificate refused: " + channel_.certificate_problem() : "TLS handshake failed");
  }
  phase_ = Phase::Open;
  deadline_.cancel();
  const auto owner = owner_;
  if (owner->events.on_open) owner->events.on_open();
  if (owner->is_there && phase_ == Phase::Open) write_some();
}

void Stream::read_some() {
  const auto owner = owner_;
  std::array<std::uint8_t, kReadSize> buffer;
  for (int i = 0; i < kReadsPerTurn; ++i) {
    std::size_t count = 0;
    const Step step = channel_.read(buffer, count);
    if (step == Step::WantRead || step == Step::WantWrite) return;
    if (step != Step::Done) return end(step == Step::Closed ? "closed by the peer" : "TLS failed");
    owner->events.on_bytes(as_text({buffer.data(), count}));
    if (!owner->is_there || phase_ != Phase::Open) return;
  }
}

void Stream::send(std::string bytes) {
  if (phase_ == Phase::Ended) return;
  const bool was_idle = queue_.empty();
  queue_.push(std::move(bytes), 0);
  if (queue_.size() > limits_.max_queued) return end("the peer reads too slowly");
  if (phase_ == Phase::Open && was_idle) write_some();
  update();
}

void Stream::write_some() {
  while (!queue_.empty()) {
    std::size_t count = 0;
    const Step step = channel_.write(queue_.front(), count);
    if (step == Step::WantRead || step == Step::WantWrite) return;
    if (step != Step::Done) return end("closed by the peer");
    queue_.written(count);
  }
}

void Stream::update() {
  if (phase_ == Phase::Ended) return;
  const bool opening = phase_ == Phase::Connecting;
  const auto needs = channel_.needs(!opening, opening || (phase_ == Phase::Open && !queue_.empty()));
  watch_->want(needs.read, needs.write);
}

/// Told in a later cycle: whoever sends must not be called back from within.
void Stream::end(std::string why) {
  if (phase_ == Phase::Ended) return;
  phase_ = Phase::Ended;
  watch_.reset();
  deadline_.cancel();
  loop_.defer([this, owner = owner_, why = std::move(why)] {
    if (owner->is_there) owner->events.on_closed(why);
  });
}

}  // namespace common::stream
