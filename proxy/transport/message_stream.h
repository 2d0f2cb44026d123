#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "proxy/transport/stream_framer.h"

namespace proxy::transport {

/// SIP messages in the bytes of one open connection: one behind the other by their Content-Length (TCP, TLS), or each
/// in a WebSocket message (WS, WSS). Sans-IO: push() what arrived, then write take_output() and obey the verdict.
class MessageStream {
 public:
  /// Who takes what was read, on the stack of push().
  struct Reader {
    /// A whole message, valid for the call only. False: nothing more is wanted.
    std::function<bool(std::string_view message)> on_message;
    /// The peer keeps the connection alive; it is answered by take_output().
    std::function<void()> on_keepalive;
  };
  enum class Verdict : std::uint8_t {
    GoesOn,
    Goodbye,   // the peer closed: end when the output is written
    Rejected,  // the peer broke the protocol, which the output tells it: end when that is written
    Lost       // the peer broke the protocol, and there is no way to say so: end
  };

  static std::unique_ptr<MessageStream> by_length(StreamFramer::Limits limits, Reader reader);
  /// RFC 7118 §5; `max_message` in bytes.
  static std::unique_ptr<MessageStream> in_websocket(std::size_t max_message, Reader reader);
  virtual ~MessageStream() = default;

  virtual Verdict push(std::string_view bytes) = 0;
  /// Answers to what was pushed.
  virtual std::string take_output() = 0;
  /// A message has begun whose end is missing: a deadline should run.
  virtual bool in_message() const = 0;

  /// The message as it is written.
  virtual std::string wrap(std::string message) = 0;
  /// A question that a live peer answers; empty: there is none.
  virtual std::string ping() = 0;
  /// What is said last when we close; may be empty.
  virtual std::string goodbye() = 0;
};

}  // namespace proxy::transport
