#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace proxy::transport {

/// Server's side of WebSocket framing after the handshake, RFC 6455 §5–7, over wslay. Sans-IO: push() what arrived,
/// then write take_output(). Pongs and close frames answer by themselves.
class WsCodec {
 public:
  /// Gets whole text and binary messages, with their fragments joined; the bytes are valid for the call only.
  using OnMessage = std::function<void(std::string_view)>;

  /// `max_message` bounds one message, in bytes.
  WsCodec(std::size_t max_message, OnMessage on_message);
  ~WsCodec();
  WsCodec(const WsCodec&) = delete;
  WsCodec& operator=(const WsCodec&) = delete;

  void push(std::string_view bytes);

  /// After close() these do nothing.
  void send_text(std::string_view message);
  void send_ping();
  /// Queues a close frame; `code` as RFC 6455 §7.4.1.
  void close(std::uint16_t code);

  /// Frames to write now.
  std::string take_output();

  /// A message has begun whose end is missing: a deadline should run.
  bool in_message() const noexcept;
  /// Nothing more will be read: the peer has closed or broke the protocol. Write the output, then end the connection.
  bool finished() const noexcept;
  /// The peer broke the protocol or its message was too large.
  bool failed() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace proxy::transport
