#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>

#include "common/base/result.h"
#include "common/base/strong.h"
#include "common/time/instant.h"
#include "common/time/timer_queue.h"
#include "control-protocol/message/reply.h"
#include "control-protocol/message/request.h"

namespace ng {

using CallId = common::Strong<struct ClientCallTag, std::uint64_t>;  // one request of this client

enum class ClientError : std::uint8_t { Deadline, Unreachable };
std::string_view to_string(ClientError error) noexcept;

/// Bytes for the server's socket.
struct SendRequest {
  std::string message;
};
/// The end of one request. An error reply of the server is a Reply, not a ClientError.
struct Completed {
  CallId id;
  common::Result<Reply, ClientError> result;
};
using ClientOutput = std::variant<SendRequest, Completed>;

struct ClientConfig {
  common::Duration first_repeat = std::chrono::milliseconds{150};  // doubles each time; UDP only
  common::Duration deadline = std::chrono::milliseconds{1000};
  bool reliable = false;  // a stream: never repeats
};

/// The asking end of the ng protocol towards one server. Sans-IO.
class Client {
 public:
  /// `cookie_prefix` is random per process and client, so that two clients behind one address never collide.
  Client(ClientConfig config, std::string cookie_prefix) : config_(config), cookie_prefix_(std::move(cookie_prefix)) {}

  CallId send(const Request& request, common::Instant now);
  void on_message(std::string_view message, common::Instant now);
  /// The server's port is closed (ICMP) or the stream is gone: everything in flight fails at once.
  void on_unreachable();
  /// Forgets a request; no Completed will come.
  void cancel(CallId id);

  void on_timeout(common::Instant now);
  std::optional<common::Instant> next_timeout() const { return timers_.next(); }
  std::optional<ClientOutput> poll_output();

  std::size_t in_flight() const noexcept { return in_flight_.size(); }

 private:
  struct InFlight {
    std::string message;
    common::Instant deadline;
    common::Duration repeat;
  };

  void arm(CallId id, const InFlight& call, common::Instant now);
  void finish(CallId id, common::Result<Reply, ClientError> result);
  std::optional<CallId> id_of(std::string_view cookie) const;

  ClientConfig config_;
  std::string cookie_prefix_;
  std::uint64_t last_id_ = 0;
  std::unordered_map<CallId, InFlight> in_flight_;
  common::TimerQueue<CallId> timers_;
  std::deque<ClientOutput> output_;
};

}  // namespace ng
