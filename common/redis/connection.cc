#include "common/redis/connection.h"

#include <algorithm>
#include <utility>

namespace common::redis {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kMaxReply = 64 << 20;
constexpr Duration kGreetingTime = 3s;
constexpr Duration kStuck = 3s;  // a server this far behind is taken for dead

}  // namespace

Connection::Connection(event::Loop& loop, const SocketAddress& server, std::optional<stream::Stream::Tls> tls,
                       const Identity& identity, Events events)
    : loop_(loop),
      events_(std::move(events)),
      reader_(kMaxReply),
      timer_(loop, [this](Instant now) { on_timeout(now); }),
      stream_(stream::Stream::connect(loop, server, std::move(tls),
                                      {.on_open = [this, identity] { greet(identity); },
                                       .on_bytes = [this](std::string_view bytes) { on_bytes(bytes); },
                                       .on_closed = [this](std::string why) { close(std::move(why)); }},
                                      {})) {}

Connection::~Connection() { *alive_ = false; }

void Connection::greet(const Identity& identity) {
  greetings_ = 1;
  const auto step = [this](std::string_view name) {
    return [this, name](const Result<Reply, Failure>& reply) { on_greeted(reply, name); };
  };
  if (!identity.password.empty()) {
    ++greetings_;
    Command auth{"AUTH"};
    if (!identity.username.empty()) auth.push_back(identity.username);
    auth.push_back(identity.password);
    transmit(auth, kGreetingTime, step("AUTH"));
  }
  transmit({"CLIENT", "SETNAME", identity.client_name}, kGreetingTime, step("CLIENT SETNAME"));
}

void Connection::on_greeted(const Result<Reply, Failure>& reply, std::string_view step) {
  if (!reply) return close(std::string(step) + ": no answer");
  if (const Error* error = reply->error()) return close(std::string(step) + ": " + error->text);
  if (--greetings_ > 0) return;
  ready_ = true;
  if (events_.on_ready) events_.on_ready();
}

void Connection::call(const Command& command, Duration deadline, Done done) {
  if (!ready_) return done(Err{Failure::Unavailable});
  transmit(command, deadline, std::move(done));
}

void Connection::transmit(const Command& command, Duration deadline, Done done) {
  const Instant now = loop_.now();
  waiting_.push_back({++last_id_, now, std::move(done)});
  deadlines_.schedule(last_id_, now + deadline);
  timer_.schedule(*deadlines_.next());
  stream_->send(to_wire(command));
}

void Connection::subscribe(const std::vector<std::string>& channels) {
  subscribed_ = true;
  Command command{"SUBSCRIBE"};
  command.insert(command.end(), channels.begin(), channels.end());
  stream_->send(to_wire(command));
}

void Connection::on_bytes(std::string_view bytes) {
  reader_.feed(bytes);
  const auto alive = alive_;
  while (*alive && stream_) {
    auto reply = reader_.next();
    if (!reply) {
      return close(reply.error() == Reader::Failure::Malformed ? "not a Redis server" : "reply larger than 64 MB");
    }
    if (!*reply) return;
    on_reply(std::move(**reply));
  }
}

void Connection::on_reply(Reply reply) {
  if (subscribed_) {
    if (events_.on_message) events_.on_message(reply);
    return;
  }
  if (waiting_.empty()) return close("a reply that nobody asked for");
  Waiting first = std::move(waiting_.front());
  waiting_.pop_front();
  deadlines_.cancel(first.id);
  if (first.done) first.done(std::move(reply));
}

void Connection::on_timeout(Instant now) {
  const auto alive = alive_;
  for (const std::uint64_t id : deadlines_.expire(now)) {
    Waiting& late = waiting_[id - waiting_.front().id];
    if (const Done done = std::exchange(late.done, nullptr)) done(Err{Failure::Deadline});
    if (!*alive || waiting_.empty()) return;
  }
  if (waiting_.empty()) return;
  if (now - waiting_.front().sent >= kStuck) return close("the server does not answer");
  // A late reply is waited for, so that a server that hangs is noticed although every deadline has passed.
  const Instant stuck_at = waiting_.front().sent + kStuck;
  timer_.schedule(deadlines_.next() ? std::min(*deadlines_.next(), stuck_at) : stuck_at);
}

void Connection::close(std::string why) {
  const auto on_closed = std::exchange(events_.on_closed, nullptr);
  ready_ = false;
  stream_.reset();
  timer_.cancel();
  deadlines_ = {};
  const auto alive = alive_;
  for (auto waiting = std::exchange(waiting_, {}); Waiting & call : waiting) {
    if (call.done) call.done(Err{Failure::Unavailable});
    if (!*alive) return;
  }
  if (on_closed) on_closed(std::move(why));
}

}  // namespace common::redis
