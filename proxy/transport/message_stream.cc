#include "proxy/transport/message_stream.h"

#include <utility>
#include <variant>

#include "proxy/transport/ws_codec.h"

namespace proxy::transport {
namespace {

constexpr std::string_view kPing = "\r\n\r\n";  // RFC 5626 §3.5.1
constexpr std::string_view kPong = "\r\n";
constexpr std::uint16_t kGoingAway = 1001;  // RFC 6455 §7.4.1

class ByLength final : public MessageStream {
 public:
  ByLength(StreamFramer::Limits limits, Reader reader) : framer_(limits), reader_(std::move(reader)) {}

  Verdict push(std::string_view bytes) override {
    framer_.push(bytes);
    while (true) {
      const auto output = framer_.poll();
      if (!output) return refuse_endless();
      if (!*output) return Verdict::GoesOn;
      if (const auto* message = std::get_if<StreamFramer::Message>(&**output)) {
        if (!reader_.on_message(message->bytes)) return Verdict::GoesOn;
      } else {
        reader_.on_keepalive();
        output_ += kPong;
      }
    }
  }

  std::string take_output() override { return std::exchange(output_, {}); }
  bool in_message() const override { return framer_.in_message(); }
  std::string wrap(std::string message) override { return message; }
  std::string ping() override { return {}; }
  std::string goodbye() override { return {}; }

 private:
  /// RFC 4475 §3.1.2.3: whoever sent a message without a usable end is told so before its connection is closed.
  Verdict refuse_endless() {
    std::string header{framer_.endless()};
    if (header.empty()) return Verdict::Lost;
    header += "Content-Length: unknown\r\n\r\n";  // no reader takes it for a whole message
    return reader_.on_message(header) ? Verdict::Rejected : Verdict::GoesOn;
  }

  StreamFramer framer_;
  Reader reader_;
  std::string output_;
};

class InWebSocket final : public MessageStream {
 public:
  InWebSocket(std::size_t max_message, Reader reader)
      : codec_(max_message, [this](std::string_view text) { on_text(text); }), reader_(std::move(reader)) {}

  Verdict push(std::string_view bytes) override {
    codec_.push(bytes);
    if (!codec_.finished()) return Verdict::GoesOn;
    return codec_.failed() ? Verdict::Rejected : Verdict::Goodbye;
  }

  std::string take_output() override { return codec_.take_output(); }
  bool in_message() const override { return codec_.in_message(); }

  std::string wrap(std::string message) override {
    codec_.send_text(message);
    return codec_.take_output();
  }
  std::string ping() override {
    codec_.send_ping();
    return codec_.take_output();
  }
  std::string goodbye() override {
    codec_.close(kGoingAway);
    return codec_.take_output();
  }

 private:
  /// One WebSocket message is one SIP message; line ends alone are a client's keep-alive.
  void on_text(std::string_view text) {
    if (!wants_more_) return;
    if (text.find_first_not_of(kPong) != std::string_view::npos) {
      wants_more_ = reader_.on_message(text);
      return;
    }
    reader_.on_keepalive();
    if (text == kPing) codec_.send_text(kPong);
  }

  WsCodec codec_;
  Reader reader_;
  bool wants_more_ = true;
};

}  // namespace

std::unique_ptr<MessageStream> MessageStream::by_length(StreamFramer::Limits limits, Reader reader) {
  return std::make_unique<ByLength>(limits, std::move(reader));
}

std::unique_ptr<MessageStream> MessageStream::in_websocket(std::size_t max_message, Reader reader) {
  return std::make_unique<InWebSocket>(max_message, std::move(reader));
}

}  // namespace proxy::transport
