#include "proxy/transport/ws_codec.h"

#include <wslay/wslay.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "common/base/bytes.h"
#include "common/base/invariant.h"

namespace proxy::transport {
namespace {

/// wslay keeps a node for each fragment, so that tiny ones would cost far more memory than their bytes.
constexpr unsigned kMaxFragments = 1024;

bool is_control(std::uint8_t opcode) noexcept { return (opcode & 0x8) != 0; }

}  // namespace

struct WsCodec::State {
  ~State() { wslay_event_context_free(context); }

  static ssize_t on_recv(wslay_event_context_ptr context, std::uint8_t* out, std::size_t size, int, void* user) {
    auto& self = *static_cast<State*>(user);
    if (self.input.empty()) {
      wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
      return -1;
    }
    const std::size_t count = std::min(size, self.input.size());
    std::memcpy(out, self.input.data(), count);
    self.input.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }

  static ssize_t on_send(wslay_event_context_ptr, const std::uint8_t* data, std::size_t size, int, void* user) {
    static_cast<State*>(user)->output.append(common::as_text({data, size}));
    return static_cast<ssize_t>(size);
  }

  static void on_frame(wslay_event_context_ptr context, const wslay_event_on_frame_recv_start_arg* frame, void* user) {
    auto& self = *static_cast<State*>(user);
    if (is_control(frame->opcode)) return;
    self.in_message = true;
    if (++self.fragments > kMaxFragments) {
      wslay_event_queue_close(context, WSLAY_CODE_POLICY_VIOLATION, nullptr, 0);
      wslay_event_shutdown_read(context);
      self.broken = true;
    }
  }

  static void on_message(wslay_event_context_ptr, const wslay_event_on_msg_recv_arg* message, void* user) {
    auto& self = *static_cast<State*>(user);
    if (is_control(message->opcode)) return;
    self.in_message = false;
    self.fragments = 0;
    if (!self.broken) self.messages.emplace_back(common::as_text({message->msg, message->msg_length}));
  }

  void queue(std::uint8_t opcode, std::string_view payload) {
    const wslay_event_msg message{opcode, common::as_bytes(payload).data(), payload.size()};
    wslay_event_queue_msg(context, &message);  // refused after a close, when nothing may follow
  }

  wslay_event_context_ptr context = nullptr;
  OnMessage deliver;
  std::string_view input;  // of the push() that is running
  std::string output;
  std::vector<std::string> messages;  // handed on when wslay has returned, so that an answer does not re-enter it
  unsigned fragments = 0;
  bool in_message = false;
  bool broken = false;
};

WsCodec::WsCodec(std::size_t max_message, OnMessage on_message) : state_(std::make_unique<State>()) {
  state_->deliver = std::move(on_message);
  const wslay_event_callbacks callbacks{&State::on_recv, &State::on_send, nullptr,           &State::on_frame,
                                        nullptr,         nullptr,         &State::on_message};
  const int status = wslay_event_context_server_init(&state_->context, &callbacks, state_.get());
  INVARIANT(status == 0, "wslay gives a context");
  wslay_event_config_set_max_recv_msg_length(state_->context, max_message);
}

WsCodec::~WsCodec() = default;

void WsCodec::push(std::string_view bytes) {
  state_->input = bytes;
  if (wslay_event_recv(state_->context) != 0) state_->broken = true;
  state_->input = {};
  const auto messages = std::exchange(state_->messages, {});
  for (const std::string& message : messages) state_->deliver(message);
}

void WsCodec::send_text(std::string_view message) { state_->queue(WSLAY_TEXT_FRAME, message); }
void WsCodec::send_ping() { state_->queue(WSLAY_PING, {}); }
void WsCodec::close(std::uint16_t code) { wslay_event_queue_close(state_->context, code, nullptr, 0); }

std::string WsCodec::take_output() {
  if (wslay_event_want_write(state_->context) != 0) wslay_event_send(state_->context);
  return std::exchange(state_->output, {});
}

bool WsCodec::in_message() const noexcept { return state_->in_message; }

bool WsCodec::finished() const noexcept { return state_->broken || wslay_event_get_read_enabled(state_->context) == 0; }

bool WsCodec::failed() const noexcept { return finished() && wslay_event_get_close_received(state_->context) == 0; }

}  // namespace proxy::transport
