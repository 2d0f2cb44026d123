#include "common/redis/link.h"

#include <algorithm>
#include <utility>

namespace common::redis {
namespace {

using namespace std::chrono_literals;

constexpr Duration kFirstPause = 100ms;
constexpr Duration kLongestPause = 5s;

}  // namespace

Link::Link(event::Loop& loop, crypto::Random& random, Access access, Find find, Events events)
    : loop_(loop),
      random_(random),
      access_(std::move(access)),
      find_(std::move(find)),
      events_(std::move(events)),
      pause_(kFirstPause),
      timer_(loop, [this](Instant) { attempt(); }) {
  timer_.schedule(loop_.now());
}

Link::~Link() { *alive_ = false; }

void Link::attempt() {
  find_([this, alive = alive_](std::optional<SocketAddress> server) {
    if (!*alive || connection_) return;
    if (!server) return down("no server is known");
    connect(*server);
  });
}

void Link::connect(const SocketAddress& server) {
  server_ = server;
  connection_ =
      std::make_unique<Connection>(loop_, server, access_.tls, access_.identity,
                                   Connection::Events{.on_ready =
                                                          [this] {
                                                            pause_ = kFirstPause;
                                                            if (events_.on_up) events_.on_up();
                                                          },
                                                      .on_message = events_.on_message,
                                                      .on_closed = [this](const std::string& why) { down(why); }});
}

void Link::call(const Command& command, Duration deadline, Done done) {
  if (!connection_) return done(Err{Failure::Unavailable});
  connection_->call(command, deadline, std::move(done));
}

void Link::renew(const std::string& why) {
  if (connection_) connection_->close(why);
}

void Link::down(const std::string& why) {
  // The connection may be what called us.
  loop_.defer([ended = std::shared_ptr<Connection>(std::move(connection_))] {});
  const auto jitter = Duration{static_cast<Duration::rep>(random_.u64() % static_cast<std::uint64_t>(pause_.count()))};
  timer_.schedule(loop_.now() + pause_ / 2 + jitter / 2);
  pause_ = std::min<Duration>(pause_ * 2, kLongestPause);
  if (events_.on_down) events_.on_down(why);
}

}  // namespace common::redis
