#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "common/base/result.h"
#include "common/event/timer.h"
#include "common/net/address.h"
#include "common/redis/command.h"
#include "common/redis/reader.h"
#include "common/redis/reply.h"
#include "common/stream/stream.h"
#include "common/time/timer_queue.h"

namespace common::redis {

enum class Failure : std::uint8_t {
  Unavailable,  // no connection, or it ended before the reply came: whether the command ran is not known
  Deadline      // no reply within the time given; it may still run
};

/// An error reply of the server is a Reply.
using Done = std::function<void(Result<Reply, Failure>)>;

/// Who we are to the server.
struct Identity {
  std::string username;  // empty: the default user's password alone
  std::string password;  // empty: no AUTH
  std::string client_name;
  friend bool operator==(const Identity&, const Identity&) = default;
};

/// One connection to one server: commands in order, replies in order, each with its deadline. Belongs to the thread of
/// its loop. The owner may destroy it from within any callback; completions that wait then never run.
class Connection {
 public:
  struct Events {
    std::function<void()> on_ready;                  // authenticated; commands are taken from now on
    std::function<void(const Reply&)> on_message;    // pushed to a subscriber; may be empty
    std::function<void(std::string why)> on_closed;  // once; every completion has run before
  };

  Connection(event::Loop& loop, const SocketAddress& server, std::optional<stream::Stream::Tls> tls,
             const Identity& identity, Events events);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// `done` runs once, later. Before on_ready: fails with Unavailable.
  void call(const Command& command, Duration deadline, Done done);
  /// SUBSCRIBE and what follows goes to on_message; from then on call() must not be used.
  void subscribe(const std::vector<std::string>& channels);

  /// Ends it: what waits fails, then on_closed is told.
  void close(std::string why);

  bool is_ready() const noexcept { return ready_; }
  std::size_t in_flight() const noexcept { return waiting_.size(); }

 private:
  struct Waiting {
    std::uint64_t id;
    Instant sent;
    Done done;  // empty: its deadline has passed
  };

  void greet(const Identity& identity);
  void on_greeted(const Result<Reply, Failure>& reply, std::string_view step);
  void transmit(const Command& command, Duration deadline, Done done);
  void on_bytes(std::string_view bytes);
  void on_reply(Reply reply);
  void on_timeout(Instant now);

  event::Loop& loop_;
  Events events_;
  Reader reader_;
  std::deque<Waiting> waiting_;
  TimerQueue<std::uint64_t> deadlines_;
  event::Timer timer_;
  std::uint64_t last_id_ = 0;
  int greetings_ = 0;  // replies still awaited before we are ready
  bool ready_ = false;
  bool subscribed_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // shared with the stack of a callback that destroys us
  std::unique_ptr<stream::Stream> stream_;
};

}  // namespace common::redis
