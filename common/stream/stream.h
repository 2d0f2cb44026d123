#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/event/timer.h"
#include "common/event/watch.h"
#include "common/net/address.h"
#include "common/stream/channel.h"
#include "common/stream/write_queue.h"
#include "common/time/instant.h"
#include "common/tls/context.h"

namespace common::stream {

/// One connection between two programs of an installation, plain or with TLS, from connect or accept to its end. Bytes
/// in order both ways; what they mean is the owner's business. Belongs to the thread of its loop; the owner may destroy
/// it from within any of its callbacks.
class Stream {
 public:
  struct Events {
    std::function<void()> on_open;                   // connected, and the peer's certificate is the right one
    std::function<void(std::string_view)> on_bytes;  // borrowed until it returns
    std::function<void(std::string why)> on_closed;  // once, unless the owner closes first
  };
  struct Limits {
    Duration set_up = std::chrono::seconds{3};    // connect and TLS handshake
    Duration stalled = std::chrono::seconds{10};  // written bytes that nobody acknowledges (TCP_USER_TIMEOUT)
    std::size_t max_queued = 16 << 20;            // bytes; beyond it the connection is given up
  };
  /// Client: its certificate must be valid for `name` (RFC 5922 §7); empty: any that verifies.
  struct Tls {
    tls::Context context;
    std::string name;
  };

  static std::unique_ptr<Stream> connect(event::Loop& loop, const SocketAddress& remote, std::optional<Tls> tls,
                                         Events events, Limits limits);
  /// `tls` is null without TLS. Events begin in a later cycle of the loop.
  static std::unique_ptr<Stream> accepted(event::Loop& loop, Fd fd, const tls::Context* tls, Events events,
                                          Limits limits);
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Queues before it is open, too. What does not fit ends the connection.
  void send(std::string bytes);
  bool is_open() const noexcept { return phase_ == Phase::Open; }
  std::size_t queued() const noexcept { return queue_.size(); }
  /// Whether the peer's verified certificate speaks for `domain`, RFC 5922 §7.
  bool peer_is(std::string_view domain) const { return channel_.peer_is(domain); }

 private:
  enum class Phase : std::uint8_t { Connecting, TlsHandshake, Open, Ended };
  using Step = Channel::Step;
  struct Owner {
    Events events;
    bool is_there = true;
  };

  Stream(event::Loop& loop, Fd fd, Events events, Limits limits);
  void on_ready(event::Ready ready);
  void shake_hands();
  void read_some();
  void write_some();
  void update();
  void end(std::string why);

  event::Loop& loop_;
  Limits limits_;
  Channel channel_;
  WriteQueue queue_;
  Phase phase_ = Phase::Connecting;
  std::shared_ptr<Owner> owner_;  // shared with the stack of a callback that destroys us
  std::unique_ptr<event::Watch> watch_;
  event::Timer deadline_;
};

}  // namespace common::stream
