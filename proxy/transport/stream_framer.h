#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/base/result.h"

namespace proxy::transport {

/// Cuts a TCP or TLS byte stream into SIP messages by Content-Length, RFC 3261 §7.5 and §18.3.
/// Sans-IO: push() what arrived, then poll() until it gives nothing. After an error the stream is lost: close it.
class StreamFramer {
 public:
  struct Limits {
    std::size_t max_header;   // start line and headers, with the empty line
    std::size_t max_message;  // header and body
  };
  struct Message {
    std::string_view bytes;  // valid until the next push() or poll()
  };
  struct Ping {};  // double CRLF between messages: answer with one CRLF, RFC 5626 §3.5.1
  using Output = std::variant<Message, Ping>;
  enum class Error : std::uint8_t { NotSip, HeaderTooLarge, MessageTooLarge, BadContentLength, MissingContentLength };

  explicit StreamFramer(Limits limits) noexcept : limits_(limits) {}

  void push(std::string_view bytes);
  [[nodiscard]] common::Result<std::optional<Output>, Error> poll();

  /// After BadContentLength and MissingContentLength: the header of which nobody knows where its message ends, without
  /// the empty line; else empty. Valid until the next push().
  std::string_view endless() const noexcept {
    return endless_ == 0 ? std::string_view{} : pending().substr(0, endless_ - 2);
  }

  /// Part of a message is here and the rest is not: a deadline should run.
  bool in_message() const noexcept { return start_ < buffer_.size() && !only_line_ends(); }

 private:
  std::string_view pending() const noexcept { return std::string_view{buffer_}.substr(start_); }
  bool only_line_ends() const noexcept;
  [[nodiscard]] common::Result<bool, Error> take_line_ends();
  [[nodiscard]] common::Result<bool, Error> read_header();
  void consume(std::size_t count) noexcept;

  Limits limits_;
  std::string buffer_;
  std::size_t start_ = 0;    // of what is not yet handed out
  std::size_t scanned_ = 0;  // bytes after start_ that hold no end of the header
  std::size_t endless_ = 0;
  std::size_t length_ = 0;  // of the message at start_ once its header is complete, else 0
};

}  // namespace proxy::transport
